#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

namespace observerd::check {

/// What a test is doing right now, in memory that its parent shares: the only thing that a test can
/// still say when the plugin has crashed it. The plugin can write there too, so what is read is
/// taken for text of a stranger, and a torn reading is harmless. set is thread-safe.
class Stage {
 public:
  Stage();
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  void set(std::string_view what);
  std::string get() const;

 private:
  std::mutex mutex_;
  char* shared_ = nullptr;  // nullptr when the kernel gave none: then nothing is said
};

}  // namespace observerd::check
