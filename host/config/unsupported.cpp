#include "config/unsupported.hpp"

#include <algorithm>
#include <array>

namespace observerd::config {
namespace {

struct Entry {
  std::string_view section;
  std::string_view key;    ///< "*" for any
  std::string_view value;  ///< "" when the key as a whole is not supported
};

constexpr std::array<Entry, 0> kUnsupported{};

}  // namespace

bool is_unsupported(std::string_view section, std::string_view key) {
  return is_unsupported_value(section, key, "");
}

bool is_unsupported_value(std::string_view section, std::string_view key, std::string_view value) {
  return std::any_of(kUnsupported.begin(), kUnsupported.end(), [&](const Entry& entry) {
    return entry.section == section && (entry.key == key || entry.key == "*") &&
           entry.value == value;
  });
}

}  // namespace observerd::config
