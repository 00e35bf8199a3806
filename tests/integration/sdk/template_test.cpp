#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <set>

#include "artefact.hpp"
#include "line_receiver.hpp"
#include "support/postgres.hpp"

/// The project of sdk/template, copied out of the tree, built against the installed SDK alone, and
/// given to a daemon that is running.
namespace observerd::testing {
namespace {

using ::testing::HasSubstr;

std::string member(const json::Value& object, const char* name) {
  const json::Value* value = object.find(name);
  return value == nullptr ? "" : value->text();
}

/// Takes everything but what belongs to order 3, and order 2 only at the second try.
class SdkTemplate : public ::testing::Test {
 protected:
  SdkTemplate()
      : receiver_([this](const json::Value& request) -> std::string {
          const std::string line = member(request, "line");
          if (line == "order 3") return "no such order";
          if (line == "order 2" && ++tries_ == 1) return "wait 0";
          return "ok " + member(request, "id");
        }),
        installation_(fresh_database()) {
    run_sql(installation_.database(), "CREATE TABLE orders (id int PRIMARY KEY)");
    installation_.capture("orders", "Order");
    std::ofstream(installation_.directory() / "token") << "s3cret";
  }

  void observe_orders() {
    installation_.configure(R"({"observers": [{"name": "tell", "entity": "Order", "actions": [
      {"type": "line", "address": ")" +
                            receiver_.address() + R"(", "line": "order {{ id }}",
       "token": {"file": ")" +
                            (installation_.directory() / "token").string() + R"("},
       "retry": {"initial_delay": "50ms"}}]}]})");
  }

  std::atomic<int> tries_{0};
  LineReceiver receiver_;
  Installation installation_;
};

TEST_F(SdkTemplate, DroppedIntoARunningDaemonDelivers) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  drop_in(installation_, artefact("template/build/plugins/line.so"));
  observe_orders();
  reload(daemon);

  run_sql(installation_.database(), "INSERT INTO orders SELECT generate_series(1, 3)");
  ASSERT_TRUE(receiver_.wait_for(4)) << daemon.log();
  std::multiset<std::string> lines;
  for (const json::Value& request : receiver_.requests()) {
    lines.insert(member(request, "line"));
    EXPECT_EQ(member(request, "token"), "s3cret");
  }
  EXPECT_THAT(lines, ::testing::ElementsAre("order 1", "order 2", "order 2", "order 3"));
  const char* dead = "SELECT count(*) FROM observer.observer_dlq_items";
  EXPECT_TRUE(eventually([&] { return scalar(installation_.database(), dead) == "1"; }));
  EXPECT_THAT(installation_.must({"dlq", "list"}), HasSubstr("refused"));
  EXPECT_EQ(daemon.stop(), 0) << daemon.log();
  EXPECT_EQ(daemon.log().find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace observerd::testing
