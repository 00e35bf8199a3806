#include <gmock/gmock.h>

#include <set>

#include "base/json.hpp"
#include "support/daemon.hpp"
#include "support/eventually.hpp"
#include "support/http_server.hpp"
#include "support/postgres.hpp"

/// Many observers of one table, in a whole observerd.
namespace observerd::testing {
namespace {

constexpr int kObservers = 1000;
constexpr int kRows = 30;

struct Order {
  int id = 0, total = 0, region = 0;
};

/// One of four kinds of condition, and what it means.
std::string condition(int i) {
  const std::string number = std::to_string(i);
  switch (i % 4) {
    case 0:
      return "total IN (" + number + ", " + std::to_string(i + 2) + ")";
    case 1:
      return "total > " + number + " && region == 'r" + std::to_string(i % 10) + "'";
    case 2:
      return "is_update() && total > 0";
    default:
      return "NOT (total >= " + number + " || region != 'r" + std::to_string(i % 7) + "')";
  }
}

bool fires(int i, const Order& order) {
  switch (i % 4) {
    case 0:
      return order.total == i || order.total == i + 2;
    case 1:
      return order.total > i && order.region == i % 10;
    case 2:
      return false;
    default:
      return order.total < i && order.region == i % 7;
  }
}

TEST(Pipeline, AThousandObserversSendExactlyWhatTheirConditionsSay) {
  Installation installation(fresh_database());
  HttpServer receiver;
  run_sql(installation.database(),
          "CREATE TABLE orders (id int PRIMARY KEY, total int, region text)");
  installation.capture("orders", "Order");
  json::Value observers = json::Value::array();
  for (int i = 0; i < kObservers; ++i) {
    const std::string name = "o" + std::to_string(i);
    json::Value action =
        json::Value::object({{"type", json::Value::string("webhook")},
                             {"url", json::Value::string(receiver.url("/" + name))},
                             {"body", json::Value::string("{{ id }}")}});
    json::Value actions = json::Value::array();
    actions.push_back(std::move(action));
    observers.push_back(json::Value::object({{"name", json::Value::string(name)},
                                             {"entity", json::Value::string("Order")},
                                             {"when", json::Value::string(condition(i))},
                                             {"actions", std::move(actions)}}));
  }
  installation.configure(json::write(json::Value::object({{"observers", std::move(observers)}})));

  std::multiset<std::string> expected;
  std::string rows;
  for (int id = 1; id <= kRows; ++id) {
    const Order order{id, id * 33, id % 10};
    rows += (rows.empty() ? "(" : ", (") + std::to_string(order.id) + ", " +
            std::to_string(order.total) + ", 'r" + std::to_string(order.region) + "')";
    for (int i = 0; i < kObservers; ++i) {
      if (fires(i, order)) expected.insert("/o" + std::to_string(i) + " " + std::to_string(id));
    }
  }
  ASSERT_GT(expected.size(), 300u);

  Daemon daemon(installation);
  daemon.wait_until_ready();
  run_sql(installation.database(), "INSERT INTO orders VALUES " + rows);
  ASSERT_TRUE(receiver.wait_for(expected.size(), std::chrono::seconds(60)))
      << receiver.requests().size() << " of " << expected.size() << '\n'
      << daemon.log();
  EXPECT_EQ(daemon.stop(), 0) << daemon.log();  // what is under way is brought to its end
  std::multiset<std::string> sent;
  for (const HttpRequest& request : receiver.requests()) {
    sent.insert(request.target + " " + request.body);
  }
  EXPECT_EQ(sent, expected);
}

}  // namespace
}  // namespace observerd::testing
