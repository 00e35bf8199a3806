#include "sms/provider.hpp"

#include "common/client_settings.hpp"
#include "common/headers.hpp"

namespace observerd::sms {

std::string required(const json::Value& settings, const char* name, const char* provider,
                     const common::ProblemFn& problem) {
  std::string value = settings.string_or(name);
  const std::string pointer = std::string("/") + name;
  if (value.empty()) problem(pointer, std::string(provider) + " needs it");
  if (!common::is_header_value(value)) problem(pointer, "holds a control character");
  return value;
}

common::Url provider_url(const json::Value& settings, const std::string& base,
                         const std::string& path, bool allow_http,
                         const common::ProblemFn& problem) {
  std::string text = settings.string_or("base_url", base);
  if (text.ends_with('/')) text.pop_back();
  return common::read_endpoint(text + path, allow_http, "/base_url", problem)
      .value_or(common::Url());
}

json::Value answer_of(const common::Response& response) {
  auto answer = json::parse(response.body, Code::ActionFailed);
  return answer ? *std::move(answer) : json::Value();
}

std::unique_ptr<const Provider> make_provider(const json::Value& settings, bool allow_http,
                                              const common::ProblemFn& problem) {
  const std::string name = settings.string_or("provider", "twilio");
  if (settings.find("http") != nullptr && name != "http") {
    problem("/http", "is for the provider \"http\" only");
  }
  if (name == "vonage") return make_vonage(settings, allow_http, problem);
  if (name == "sns") return make_sns(settings, allow_http, problem);
  if (name == "http") return make_other(settings, allow_http, problem);
  return make_twilio(settings, allow_http, problem);
}

}  // namespace observerd::sms
