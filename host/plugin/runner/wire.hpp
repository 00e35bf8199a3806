#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace observerd::plugin {

/// Flat fields one after the other: fixed-width integers in the byte order of the machine (both
/// ends are the same program on the same machine), texts as a 32-bit length and their bytes.
class Encoder {
 public:
  Encoder& u32(std::uint32_t value) { return raw(&value, sizeof value); }
  Encoder& u64(std::uint64_t value) { return raw(&value, sizeof value); }
  Encoder& i64(std::int64_t value) { return raw(&value, sizeof value); }
  Encoder& f64(double value) { return raw(&value, sizeof value); }
  Encoder& flag(bool value) { return u32(value ? 1 : 0); }
  /// Texts of 4 GiB and more are cut; frames are far smaller.
  Encoder& text(std::string_view value);
  std::string take() { return std::move(bytes_); }

 private:
  Encoder& raw(const void* data, std::size_t size) {
    bytes_.append(static_cast<const char*>(data), size);
    return *this;
  }
  std::string bytes_;
};

/// Reads what an Encoder wrote, or anything else: a field that is not there reads as zero or empty,
/// and from then on ok() is false. Never looks outside the bytes. The texts are views into them.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }
  std::int64_t i64() { return number<std::int64_t>(); }
  double f64() { return number<double>(); }
  bool flag() { return u32() != 0; }
  /// A text longer than `most` bytes counts as malformed.
  std::string_view text(std::size_t most = SIZE_MAX);
  /// How many elements follow; more than `most`, or more than the rest could hold at `least_bytes`
  /// each, counts as malformed and reads as 0: nobody reserves memory for a number.
  std::uint32_t count(std::uint32_t most, std::size_t least_bytes = 4);

  bool ok() const { return ok_; }
  /// Everything was there, and nothing is left.
  bool complete() const { return ok_ && rest_.empty(); }

 private:
  template <typename Number>
  Number number() {
    Number value{};
    take(&value, sizeof value);
    return value;
  }
  void take(void* out, std::size_t size);
  void fail();

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace observerd::plugin
