#pragma once

#include <gmock/gmock.h>

#include <functional>
#include <stdexcept>
#include <thread>

#include "fixture.hpp"
#include "support/http_server.hpp"

namespace observerd::testing {

/// A table of orders that an observer sends to a receiver, and the commands on what is stored of
/// it. A refused delivery (400) is a dead letter at once; a busy receiver (503) is tried again in
/// an hour.
class StoredThings : public ::testing::Test {
 protected:
  StoredThings() {
    run_sql(database_, "CREATE TABLE orders (id int PRIMARY KEY, status text, total numeric)");
    installation_.capture("orders", "Order");
    configure(one_observer("crm", R"("when": "total > 5", )"));
  }

  std::string one_observer(const std::string& name, const std::string& more,
                           const std::string& actions = "") const {
    return R"({"name": ")" + name + R"(", "entity": "Order", )" + more + R"("actions": [)" +
           (actions.empty() ? action("hook") : actions) + "]}";
  }
  std::string action(const std::string& name) const {
    return R"({"name": ")" + name + R"(", "type": "webhook", "url": )" +
           json::quote(receiver_.url("/" + name)) + R"(, "body": "{{ id }} {{ status }}"})";
  }
  void configure(const std::string& observers) {
    installation_.configure(R"({"defaults": {"retry": {"initial_delay": "1h", "max_attempts": 9,
        "jitter": 0}}, "observers": [)" +
                            observers + "]}");
  }

  /// Throws with the daemon's log when it does not come true.
  static void wait_until(const std::function<bool()>& holds, const std::string& what) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > until) throw std::runtime_error("never: " + what);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  /// Until the query's only value is this.
  void wait_for_sql(const std::string& sql, const std::string& value) const {
    wait_until([&] { return scalar(database_, sql) == value; }, sql + " = " + value);
  }
  void insert(int id, const std::string& status = "new") const {
    run_sql(database_,
            "INSERT INTO orders VALUES (" + std::to_string(id) + ", '" + status + "', 9.50)");
  }
  /// The answer of a --json command that ends with `exit`, held to its schema.
  json::Value answer(const std::string& schema, std::vector<std::string> words,
                     int exit = 0) const {
    words.emplace_back("--json");
    const CommandResult result = installation_.cli(words);
    EXPECT_EQ(result.exit, exit) << result.err;
    EXPECT_EQ(against_schema(schema, result.out), "") << result.out;
    return parsed(result.out);
  }
  std::string only_id(const std::string& table, const std::string& column = "id") const {
    return scalar(database_, "SELECT " + column + " FROM observer." + table);
  }
  std::string bodies() const {
    std::string all;
    for (const HttpRequest& request : receiver_.requests()) all += request.body + ", ";
    return all;
  }

  HttpServer receiver_;
  const std::string database_ = fresh_database();
  Installation installation_{database_};
};

/// The number or string of a member; "" when it is null or missing.
inline std::string member(const json::Value& object, const std::string& name) {
  const json::Value* value = object.find(name);
  return value != nullptr && (value->is_number() || value->is_string()) ? value->text() : "";
}

}  // namespace observerd::testing
