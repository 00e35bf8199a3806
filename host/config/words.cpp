#include "config/words.hpp"

#include <algorithm>
#include <utility>

#include "base/strings.hpp"

namespace observerd::config {

std::string either(const std::vector<std::string>& parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += i + 1 == parts.size() ? " or " : ", ";
    out += parts[i];
  }
  return out;
}

std::string in_quotes(std::string_view name) {
  return json::quote(name);
}

std::vector<std::string> quote_all(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  out.reserve(names.size());
  for (const std::string& name : names) out.push_back(json::quote(name));
  return out;
}

std::string must_be(std::string_view wanted, const json::Value& value) {
  return "must be " + std::string(wanted) + ", is " + std::string(json::type_words(value.type()));
}

}  // namespace observerd::config
