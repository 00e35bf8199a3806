#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "support/http_server.hpp"
#include "support/plugin/action_plugin.hpp"

namespace observerd::testing {

/// The built webhook plugin.
class Webhook : public ActionPlugin {
 public:
  explicit Webhook(const std::string& module_settings = local_settings())
      : ActionPlugin("webhook", module_settings) {}
  static std::vector<std::string> open_problems(const std::string& module_settings) {
    return ActionPlugin::open_problems("webhook", module_settings);
  }
};

/// resolved_settings of the webhook plugin.
std::string resolved(const std::string& configured,
                     const std::map<std::string, std::string>& environment = {});

/// {"url": URL} and further members, which need a leading comma.
std::string action(const std::string& url, const std::string& more = "");

}  // namespace observerd::testing
