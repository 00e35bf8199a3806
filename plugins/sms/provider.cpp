#include "sms/provider.hpp"

#include "common/headers.hpp"

namespace observerd::sms {

std::string required(const json::Value& settings, const char* name, const char* provider,
                     const common::ProblemFn& problem) {
  std::string value = common::required_member(settings, name, provider, problem);
  if (!common::is_header_value(value)) {
    problem(std::string("/") + name, "holds a control character");
  }
  return value;
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
