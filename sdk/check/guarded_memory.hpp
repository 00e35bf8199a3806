#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "observerd/plugin.h"

namespace observerd::check {

/// How the structs and texts look that a plugin is given.
struct Shape {
  /// Structs end where readable memory ends: a read beyond struct_size crashes.
  bool guarded_structs = false;
  /// The same for texts: a search for their terminator crashes.
  bool guarded_texts = false;
  /// What a host of a later minor gives: a higher abi_minor, and structs that are longer.
  bool newer = false;
};

/// The memory of what a plugin is given. Lives as long as any of it may be read. Not thread-safe.
class GuardedMemory {
 public:
  explicit GuardedMemory(Shape shape) : shape_(shape) {}
  ~GuardedMemory();
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;

  const Shape& shape() const { return shape_; }

  /// A zeroed ABI struct, its struct_size set; behind that of a newer host stands what no older
  /// plugin can know.
  template <typename Struct>
  Struct& make() {
    const std::size_t more = shape_.newer ? newer_bytes : 0;
    char* at = place(sizeof(Struct) + more, shape_.guarded_structs);
    std::memset(at, 0, sizeof(Struct));
    std::memset(at + sizeof(Struct), 0x5A, more);
    auto& made = *reinterpret_cast<Struct*>(at);
    made.struct_size = static_cast<std::uint32_t>(sizeof(Struct) + more);
    return made;
  }
  /// A copy of the text. Unless guarded, a NUL stands behind it, as in the host.
  observerd_str text(std::string_view text);
  /// An array of pointers, ending where memory does when structs are guarded.
  template <typename T>
  const T** pointers(const std::vector<const T*>& list) {
    const std::size_t bytes = list.size() * sizeof(T*);
    char* at = place(bytes, shape_.guarded_structs);
    std::memcpy(at, list.data(), bytes);
    return reinterpret_cast<const T**>(at);
  }

 private:
  static constexpr std::size_t newer_bytes = 64;
  char* place(std::size_t size, bool guarded);

  struct Mapping {
    void* start;
    std::size_t size;
  };
  Shape shape_;
  std::vector<Mapping> mappings_;
  std::vector<char*> blocks_;
};

}  // namespace observerd::check
