#include "admin/dashboard.hpp"

#include <string>

#include "admin_dashboard_files.hpp"
#include "base/uuid.hpp"

namespace observerd::admin {
namespace {

void replace_all(std::string& text, std::string_view mark, std::string_view by) {
  for (std::size_t at = text.find(mark); at != std::string::npos;
       at = text.find(mark, at + by.size())) {
    text.replace(at, mark.size(), by);
  }
}

}  // namespace

HttpResponse dashboard() {
  // 122 random bits, new for each answer: what makes a nonce of Content Security Policy Level 3.
  const std::string nonce = Uuid::random().to_string();
  std::string page = kPage;
  replace_all(page, "@NONCE@", nonce);
  replace_all(page, "@STYLE@", kStyle);
  replace_all(page, "@SCRIPT@", kScript);
  HttpResponse response{200, "text/html; charset=utf-8", std::move(page), {}};
  response.headers.emplace_back(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'nonce-" + nonce + "'; script-src 'nonce-" + nonce +
          "'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  response.headers.emplace_back("X-Frame-Options", "DENY");
  return response;
}

}  // namespace observerd::admin
