#include "check/faults.hpp"

#include <algorithm>

#include "base/strings.hpp"

namespace observerd::check {
namespace {

/// Nothing that a plugin has to say is that long: the length was never set.
constexpr std::uint64_t most_text_bytes = std::uint64_t{16} << 20;

}  // namespace

void Faults::add(std::string_view what) {
  const std::lock_guard lock(mutex_);
  if (faults_.size() >= most) return;
  if (std::find(faults_.begin(), faults_.end(), what) == faults_.end()) faults_.emplace_back(what);
}

std::vector<std::string> Faults::all() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}

bool Faults::empty() const {
  const std::lock_guard lock(mutex_);
  return faults_.empty();
}

bool check_text(std::string_view name, observerd_str text, Faults& faults) {
  const std::string subject(name);
  if (text.len == 0) return true;
  if (text.data == nullptr) {
    faults.add(subject + " is NULL with a length of " + std::to_string(text.len));
    return false;
  }
  if (text.len > most_text_bytes) {
    faults.add(subject + " claims to have " + std::to_string(text.len) + " bytes");
    return false;
  }
  if (!is_valid_utf8({text.data, static_cast<std::size_t>(text.len)})) {
    faults.add(subject + " is not valid UTF-8");
    return false;
  }
  return true;
}

}  // namespace observerd::check
