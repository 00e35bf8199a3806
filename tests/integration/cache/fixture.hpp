#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "base/json.hpp"
#include "support/plugin/action_plugin.hpp"

namespace observerd::testing {

/// Module settings for a cache on 127.0.0.1; `more` is further members, with a leading comma.
inline std::string cache_settings(const std::string& flavour, const std::string& address,
                                  const std::string& more = "") {
  return R"({"allow_addresses": ["127.0.0.0/8"], "flavour": ")" + flavour + R"(", "servers": [")" +
         address + "\"]" + more + "}";
}

/// An item whose rendered settings are these.
inline Delivery rendered(const std::string& settings) {
  Delivery delivery;
  delivery.settings = settings;
  return delivery;
}

/// The built cache plugin.
class CacheTest : public ::testing::Test {
 protected:
  void open(const std::string& module_settings) {
    plugin_ = std::make_unique<ActionPlugin>("cache", module_settings);
  }
  ActionPlugin& cache() { return *plugin_; }
  /// Delivers an action without templates.
  plugin::ItemResult deliver(const std::string& action,
                             Milliseconds deadline = std::chrono::seconds(20)) {
    return cache().deliver(action, rendered("{}"), deadline);
  }
  /// "" or what the probe says.
  std::string probe(const std::string& action) {
    bool is_supported = false;
    const auto bound = cache().bind(action);
    const Status status = cache().module().probe(*bound, is_supported);
    EXPECT_TRUE(is_supported);
    return status.ok() ? "" : status.to_string();
  }

 private:
  std::unique_ptr<ActionPlugin> plugin_;
};

}  // namespace observerd::testing
