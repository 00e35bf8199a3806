#include <gmock/gmock.h>

#include "base/json.hpp"
#include "support/daemon.hpp"
#include "support/eventually.hpp"
#include "support/http_server.hpp"
#include "support/postgres.hpp"

/// What outlives restarts besides the stream.
namespace observerd::testing {
namespace {

using ::testing::SizeIs;

json::Value parsed(const std::string& text) {
  auto value = json::parse(text, Code::Storage);
  if (!value) throw std::runtime_error(value.status().to_string());
  return std::move(*value);
}

std::vector<std::string> ids(const Installation& installation, const std::string& status) {
  std::vector<std::string> found;
  const json::Value list = parsed(installation.must({"dlq", "list", "--status", status, "--json"}));
  for (const json::Value& letter : list.items()) found.push_back(letter.string_or("id"));
  return found;
}

/// The results of all attempts, oldest first.
std::string history(const Installation& installation, const std::string& id) {
  std::string results;
  const json::Value letter = parsed(installation.must({"dlq", "show", id, "--json"}));
  for (const json::Value& attempt : letter.find("history")->items()) {
    results += attempt.string_or("result") + " ";
  }
  return results;
}

TEST(DeadLetter, SurvivesRestartsOfPostgreSQLAndOfTheDaemon) {
  const auto server = new_server();
  Installation installation(fresh_database(*server));
  HttpServer receiver;
  run_sql(installation.database(), "CREATE TABLE orders (id int PRIMARY KEY)");
  installation.capture("orders", "Order");
  installation.configure(R"({"observers": [{"name": "o", "entity": "Order", "actions": [
      {"type": "webhook", "url": ")" +
                         receiver.url("/") + R"(", "body": "{{ id }}"}]}]})");
  receiver.always(HttpReply(404));
  {
    Daemon daemon(installation);
    daemon.wait_until_ready();
    run_sql(installation.database(), "INSERT INTO orders VALUES (7)");
    ASSERT_TRUE(eventually([&] { return !ids(installation, "pending").empty(); }));
    daemon.kill();
  }
  ASSERT_TRUE(server->restart().ok());
  const std::vector<std::string> letters = ids(installation, "pending");
  ASSERT_THAT(letters, SizeIs(1));
  EXPECT_EQ(history(installation, letters[0]), "permanent_error ");
  {
    Daemon daemon(installation);
    daemon.wait_until_ready();
    EXPECT_EQ(installation.cli({"dlq", "retry", letters[0], "--wait"}).exit, 1) << "still 404";
    EXPECT_EQ(history(installation, letters[0]), "permanent_error permanent_error ");
    EXPECT_EQ(daemon.stop(), 0);
  }
  ASSERT_TRUE(server->restart().ok());
  receiver.always(HttpReply(204));
  Daemon daemon(installation);
  daemon.wait_until_ready();
  installation.must({"dlq", "retry", letters[0], "--wait"});
  EXPECT_EQ(ids(installation, "success"), letters);
  EXPECT_EQ(history(installation, letters[0]), "permanent_error permanent_error success ");
  ASSERT_THAT(receiver.requests(), SizeIs(3));
  for (const HttpRequest& request : receiver.requests()) EXPECT_EQ(request.body, "7");
}

}  // namespace
}  // namespace observerd::testing
