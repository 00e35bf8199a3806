#include "push/provider.hpp"

#include "common/headers.hpp"
#include "common/retry_after.hpp"

namespace observerd::push {

std::unique_ptr<const Provider> make_provider(const json::Value& settings, ProviderHost host,
                                              const common::ProblemFn& problem) {
  static constexpr std::pair<const char*, const char*> kMembers[] = {
      {"service_account", "fcm"},
      {"team_id", "apns"},
      {"key_id", "apns"},
      {"private_key", "apns"},
      {"bundle_id", "apns"},
      {"sandbox", "apns"},
      {"vapid_private_key", "webpush"},
      {"vapid_subject", "webpush"},
      {"push_services", "webpush"},
      {"access_token", "ntfy"},
      {"user", "ntfy"},
      {"password", "ntfy"}};
  const std::string name = settings.string_or("provider");
  for (const auto& [member, owner] : kMembers) {
    if (settings.find(member) == nullptr || name == owner) continue;
    problem(std::string("/") + member, std::string("is for the provider \"") + owner + "\" only");
  }
  if (name == "apns") return make_apns(settings, std::move(host), problem);
  if (name == "webpush") return make_web_push(settings, std::move(host), problem);
  if (name == "ntfy") return make_ntfy(settings, std::move(host), problem);
  return make_fcm(settings, std::move(host), problem);
}

void refuse_members(const json::Value& settings, std::initializer_list<const char*> names,
                    const char* provider, const common::ProblemFn& problem) {
  for (const char* name : names) {
    if (settings.find(name) == nullptr) continue;
    problem(std::string("/") + name, std::string(provider) + " has no such thing: leave it out");
  }
}

sdk::Result named(sdk::Result result, std::string code, std::string message) {
  result.code = std::move(code);
  result.message = std::move(message);
  return result;
}

sdk::Result throttled_by(const common::Response& response, WallTime now, Milliseconds otherwise,
                         std::string code, std::string message) {
  const std::string* header = common::find_header(response.headers, "Retry-After");
  const auto wait = header == nullptr ? std::nullopt : common::parse_retry_after(*header, now);
  return sdk::throttled(wait.value_or(otherwise), std::move(code), std::move(message));
}

}  // namespace observerd::push
