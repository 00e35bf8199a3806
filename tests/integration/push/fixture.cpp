#include "fixture.hpp"

#include "keys.hpp"

namespace observerd::testing {

json::Value parsed(const std::string& text) {
  auto value = json::parse(text, Code::ActionFailed);
  if (!value) ADD_FAILURE() << value.status().to_string() << "\n" << text;
  return value ? *std::move(value) : json::Value();
}

std::string service_account(const std::string& token_uri, const std::string& more) {
  return R"({"type": "service_account", "project_id": "test-project", "private_key_id": "key-1",)"
         R"( "client_email": "push@test-project.iam.gserviceaccount.com", "private_key": )" +
         json::quote(kRsaKey) + R"(, "token_uri": )" + json::quote(token_uri) + more + "}";
}

std::string fcm_settings(const std::string& base_url) {
  return R"(, "provider": "fcm", "base_url": )" + json::quote(base_url) +
         R"(, "service_account": )" + json::quote(service_account(base_url + "/token"));
}

std::string apns_settings(const std::string& base_url) {
  return R"(, "provider": "apns", "team_id": "TEAM567890", "key_id": "KEY4567890", "bundle_id":)"
         R"( "com.example.app", "private_key": )" +
         json::quote(kEcKey) + R"(, "base_url": )" + json::quote(base_url);
}

std::string web_push_settings(const std::string& more) {
  return R"(, "provider": "webpush", "vapid_subject": "mailto:push@example.com",)"
         R"( "vapid_private_key": )" +
         json::quote(kVapidKey) + more;
}

std::string ntfy_settings(const std::string& base_url, const std::string& more) {
  return R"(, "provider": "ntfy", "base_url": )" + json::quote(base_url) + more;
}

std::string subscription(const std::string& endpoint) {
  return R"("subscription": {"endpoint": )" + json::quote(endpoint) +
         R"(, "keys": {"p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs)"
         R"(7Vd8pZGH6SRpkNtoIAiw4", "auth": "BTBZMqHH6r4Tts7J_aSIgg"}})";
}

std::string rendered_to(const std::string& endpoint, const std::string& p256dh,
                        const std::string& auth) {
  return R"({"title": "t", "subscription": {"endpoint": )" + json::quote(endpoint) +
         R"(, "keys": {"p256dh": )" + json::quote(p256dh) + R"(, "auth": )" + json::quote(auth) +
         "}}}";
}

std::string PushTest::probe(const std::string& members) {
  const auto action = push().bind("{" + members + "}");
  bool supported = false;
  const Status status = push().module().probe(*action, supported);
  EXPECT_TRUE(supported);
  return status.ok() ? "" : status.to_string();
}

}  // namespace observerd::testing
