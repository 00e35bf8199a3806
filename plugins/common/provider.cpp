#include "common/provider.hpp"

#include "common/client_settings.hpp"

namespace observerd::common {

std::string required_member(const json::Value& settings, const char* name, const char* provider,
                            const ProblemFn& problem) {
  std::string value = settings.string_or(name);
  if (value.empty()) problem(std::string("/") + name, std::string(provider) + " needs it");
  return value;
}

Url provider_url(const json::Value& settings, const std::string& base, const std::string& path,
                 bool allow_http, const ProblemFn& problem) {
  std::string text = settings.string_or("base_url", base);
  while (text.ends_with('/')) text.pop_back();
  if (text.find_first_of("?#") != std::string::npos) problem("/base_url", "must have no query");
  return read_endpoint(text + path, allow_http, "/base_url", problem).value_or(Url());
}

json::Value json_answer(const Response& response) {
  auto answer = json::parse(response.body, Code::ActionFailed);
  return answer ? *std::move(answer) : json::Value();
}

}  // namespace observerd::common
