#include "fixture.hpp"

#include "base/json.hpp"

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
    EXPECT_NE(equals, std::string_view::npos) << body;
    if (equals == std::string_view::npos) break;
    const bool is_new =
        form.emplace(unescape(field.substr(0, equals)), unescape(field.substr(equals + 1))).second;
    EXPECT_TRUE(is_new) << body;
  }
  return form;
}

std::string SmsTest::at_server(const std::string& path) const {
  return R"(, "base_url": )" + json::quote(server_.url(path));
}

plugin::ItemResult SmsTest::send(const std::string& to, const std::string& text,
                                 const std::string& more) {
  Delivery delivery;
  delivery.settings = R"({"to": )" + json::quote(to) + R"(, "message": )" + json::quote(text) + "}";
  return sms().deliver(R"({"to": "{{ phone }}", "message": "{{ text }}")" + more + "}", delivery);
}

}  // namespace observerd::testing
