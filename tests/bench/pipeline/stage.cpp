#include "pipeline/stage.hpp"

#include "report.hpp"
#include "support/postgres.hpp"
#include "support/server_process.hpp"

namespace observerd::bench {
namespace {

std::unique_ptr<postgres::PrivateServer> new_server() {
  postgres::PrivateServerOptions options;
  options.settings = {"max_wal_size = 4GB"};
  return testing::new_server(std::move(options));
}

}  // namespace

Stage::Stage() : server_(new_server()) {
  installation_ = std::make_unique<testing::Installation>(testing::fresh_database(*server_));
  sql("CREATE TABLE item (id int PRIMARY KEY, name text, price numeric, note text)");
  installation_->capture("item", "Item");
}

void Stage::configure(const std::string& event_log, const std::string& observers,
                      const std::string& more) {
  installation_->configure(R"({"log": {"level": "error"}, "runtime": {"event_log": ")" + event_log +
                           R"("}, )" + more + R"("observers": [)" + observers + "]}");
}

void Stage::fill(std::size_t count) {
  sql("TRUNCATE item, observer.outbox");
  sql("INSERT INTO item SELECT i, 'name ' || i, i * 1.5, repeat('x', 400)"
      " FROM generate_series(1, " +
      std::to_string(count) + ") AS i");
}

double Stage::drain() {
  return seconds_of([&] { installation_->must({"run", "--once"}); });
}

double Stage::copy_out() {
  return seconds_of([&] {
    testing::run_program({testing::find_program("psql"), installation_->database(), "-X", "-q",
                          "-c", "\\copy (SELECT * FROM observer.outbox) TO '/dev/null'"});
  });
}

std::string Stage::sql(const std::string& statement) const {
  return testing::scalar(installation_->database(), statement);
}

std::string observer(const std::string& entity, const std::string& action) {
  return R"({"name": "bench", "entity": ")" + entity + R"(", "actions": [)" + action + "]}";
}

}  // namespace observerd::bench
