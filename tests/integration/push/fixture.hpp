#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "support/plugin/action_plugin.hpp"

namespace observerd::testing {

/// The text of a service account's key file whose token endpoint is `token_uri`.
std::string service_account(const std::string& token_uri, const std::string& more = "");

/// Module settings of each provider, as further members with a leading comma.
std::string fcm_settings(const std::string& base_url);
std::string apns_settings(const std::string& base_url);
std::string web_push_settings(const std::string& more = R"(, "push_services": ["127.0.0.1"])");
std::string ntfy_settings(const std::string& base_url, const std::string& more = "");

/// A subscription with the keys of RFC 8291's example, as it stands in settings.
std::string subscription(const std::string& endpoint);

/// A Web Push action whose event says all of it, and what the host makes of that.
inline constexpr const char* kToAnybody =
    R"({"title": "{{ t }}", "subscription": {"endpoint": "{{ e }}",)"
    R"( "keys": {"p256dh": "{{ p }}", "auth": "{{ a }}"}}})";
std::string rendered_to(const std::string& endpoint, const std::string& p256dh,
                        const std::string& auth);

/// The built push plugin.
class PushTest : public ::testing::Test {
 protected:
  void open(const std::string& members) { open_with(local_settings(members)); }
  void open_with(const std::string& settings) {
    plugin_ = std::make_unique<ActionPlugin>("push", settings);
  }
  ActionPlugin& push() { return *plugin_; }
  /// Delivers one message: the members of its settings without the braces.
  plugin::ItemResult send(const std::string& members, const Delivery& delivery = {},
                          Milliseconds deadline = std::chrono::seconds(20)) {
    return push().deliver("{" + members + "}", delivery, deadline);
  }
  /// "" when the probe succeeds, else what it said.
  std::string probe(const std::string& members);

  std::unique_ptr<ActionPlugin> plugin_;
};

/// `text` as JSON; a test failure when it is none.
json::Value parsed(const std::string& text);

}  // namespace observerd::testing
