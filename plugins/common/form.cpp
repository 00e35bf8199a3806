#include "common/form.hpp"

#include <curl/curl.h>

#include <memory>
#include <stdexcept>

#include "common/base64.hpp"

namespace observerd::common {

std::string percent_encode(const std::string& text) {
  if (text.empty()) return text;  // which libcurl would measure itself
  const std::unique_ptr<char, void (*)(void*)> escaped(
      curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())), &curl_free);
  if (escaped == nullptr) throw std::length_error("a value is too long to be encoded");
  return escaped.get();
}

std::string encode_form(const Form& form) {
  std::string out;
  for (const auto& [name, value] : form) {
    if (!out.empty()) out += '&';
    out += percent_encode(name) + '=' + percent_encode(value);
  }
  return out;
}

std::string basic_authorization(std::string_view user, std::string_view password) {
  return "Basic " + base64_encode(std::string(user) + ":" + std::string(password));
}

}  // namespace observerd::common
