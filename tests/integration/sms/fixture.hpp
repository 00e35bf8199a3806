#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "support/form.hpp"
#include "support/http_server.hpp"
#include "support/plugin/action_plugin.hpp"

namespace observerd::testing {

/// The built sms plugin with a server in the provider's place.
class SmsTest : public ::testing::Test {
 protected:
  /// Opens the module with these further members, which need a leading comma.
  void open(const std::string& members) {
    plugin_ = std::make_unique<ActionPlugin>("sms", local_settings(members));
  }
  /// {"base_url": the server's address} as a further member.
  std::string at_server(const std::string& path = "") const;
  ActionPlugin& sms() { return *plugin_; }
  plugin::ItemResult send(const std::string& to = "+4915112345678",
                          const std::string& text = "Order 7 shipped",
                          const std::string& more = "");
  std::map<std::string, std::string> sent(std::size_t index = 0) const {
    return read_form(server_.request(index).body);
  }
  /// The delivery id of the last send().
  const std::string& last_id() const { return id_; }
  /// The outcome when the server answers so.
  std::string when(HttpReply reply) {
    server_.always(std::move(reply));
    return summary(send());
  }

  HttpServer server_;
  std::unique_ptr<ActionPlugin> plugin_;

 private:
  std::int64_t sent_so_far_ = 0;
  std::string id_;
};

}  // namespace observerd::testing
