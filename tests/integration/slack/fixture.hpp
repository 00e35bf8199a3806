#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/json.hpp"
#include "support/http_server.hpp"
#include "support/plugin/action_plugin.hpp"

namespace observerd::testing {

/// The built slack plugin, with `server` in Slack's place for both of its ways.
class SlackTest : public ::testing::Test {
 protected:
  SlackTest() { server_.always(HttpReply(200, R"({"ok": true, "channel": "C1", "ts": "1.2"})")); }

  std::string module_settings() const {
    return local_settings(R"(, "token": "xoxb-secret", "base_url": )" +
                          json::quote(server_.url("/api")));
  }
  ActionPlugin& slack() {
    if (!plugin_) plugin_ = std::make_unique<ActionPlugin>("slack", module_settings());
    return *plugin_;
  }
  std::string webhook(const std::string& more = "") const {
    return R"({"message": "hello", "webhook_url": )" + json::quote(server_.url("/T1/B1/secret")) +
           more + "}";
  }
  static std::string bot(const std::string& more = "") {
    return R"({"message": "hello", "channel": "#orders")" + more + "}";
  }
  json::Value sent(std::size_t index = 0) const {
    auto body = json::parse(server_.request(index).body, Code::ActionFailed);
    return body ? *body : json::Value();
  }

  HttpServer server_;

 private:
  std::unique_ptr<ActionPlugin> plugin_;
};

}  // namespace observerd::testing
