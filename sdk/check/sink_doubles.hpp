#pragma once

#include <string>
#include <vector>

#include "check/faults.hpp"
#include "check/guarded_memory.hpp"
#include "observerd/plugin.h"

namespace observerd::check {

/// Where open, bind and probe say what is wrong. Unlike the host's it repairs nothing.
class ErrorsDouble {
 public:
  explicit ErrorsDouble(GuardedMemory& memory);
  ErrorsDouble(const ErrorsDouble&) = delete;
  ErrorsDouble& operator=(const ErrorsDouble&) = delete;

  const observerd_errors* raw() const { return raw_; }
  std::size_t count() const { return count_; }
  /// "/url: must be https", the first of them; "" for none.
  const std::string& first() const { return first_; }
  const Faults& faults() const { return faults_; }

 private:
  observerd_errors* raw_;
  std::size_t count_ = 0;
  std::string first_;
  Faults faults_;
};

/// Where bind says how its action is queued.
class BindingDouble {
 public:
  BindingDouble(GuardedMemory& memory, Faults& faults);
  BindingDouble(const BindingDouble&) = delete;
  BindingDouble& operator=(const BindingDouble&) = delete;

  const observerd_binding* raw() const { return raw_; }
  std::string batch_key;  ///< "": none named, nothing may be batched with this action

 private:
  observerd_binding* raw_;
  Faults& faults_;
};

/// Where preview writes.
class PreviewDouble {
 public:
  explicit PreviewDouble(GuardedMemory& memory);
  PreviewDouble(const PreviewDouble&) = delete;
  PreviewDouble& operator=(const PreviewDouble&) = delete;

  const observerd_preview* raw() const { return raw_; }
  std::string text;
  Faults faults;  ///< UTF-8 is judged over the whole text: a character may be written in two parts

 private:
  observerd_preview* raw_;
};

}  // namespace observerd::check
