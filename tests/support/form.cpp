#include "support/form.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace observerd::testing {
namespace {

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace

std::map<std::string, std::string> read_form(const std::string& body) {
  std::map<std::string, std::string> form;
  std::string_view rest = body;
  while (!rest.empty()) {
    const std::string_view field = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), field.size() + 1));
    const std::size_t equals = field.find('=');
    const bool is_field =
        equals != std::string_view::npos &&
        form.emplace(unescape(field.substr(0, equals)), unescape(field.substr(equals + 1))).second;
    if (!is_field) throw std::runtime_error("no form, or a name twice: " + body);
  }
  return form;
}

}  // namespace observerd::testing
