#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "support/http_server.hpp"
#include "support/plugin/action_plugin.hpp"

namespace observerd::testing {

/// A delivery of an event of the entity Order with this key; `order` is its place among all.
Delivery change(const std::string& kind, const std::string& id, std::uint64_t order,
                const std::string& row = R"({"total":1})");

/// A member of settings, with a leading comma.
std::string member(const std::string& name, const std::string& value);

/// The built search plugin with a server that answers by script in the engine's place.
class SearchTest : public ::testing::Test {
 protected:
  /// Opens the module with these further members, which need a leading comma.
  void open(const std::string& members) {
    plugin_ = std::make_unique<ActionPlugin>("search", local_settings(members));
  }
  void open_at_server(const std::string& flavour, const std::string& more = "") {
    open(member("flavour", flavour) + member("url", server_.url("")) + more);
  }
  ActionPlugin& search() { return *plugin_; }
  plugin::ItemResult deliver(const Delivery& delivery) {
    return search().deliver(kOrders, delivery);
  }
  std::vector<plugin::ItemResult> deliver_all(const std::vector<Delivery>& deliveries) {
    return search().deliver_all(kOrders, deliveries);
  }

  static constexpr const char* kOrders = R"({"index": "orders"})";
  HttpServer server_;
  std::unique_ptr<ActionPlugin> plugin_;
};

/// summary() of each.
std::vector<std::string> summaries(const std::vector<plugin::ItemResult>& results);

}  // namespace observerd::testing
