#include "workload.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "support/postgres.hpp"

namespace observerd::testing {
namespace {

constexpr std::chrono::seconds kPatience{60};

}  // namespace

void Tally::note(int entity, int number) {
  {
    const std::lock_guard lock(mutex_);
    int& newest = newest_[entity];
    if (number <= newest) {
      ++repeats_;
      return;
    }
    if (number != newest + 1) {
      disorder_.push_back("entity " + std::to_string(entity) + ": " + std::to_string(number) +
                          " after " + std::to_string(newest));
    }
    newest = number;
    ++distinct_;
  }
  changed_.notify_all();
}

std::size_t Tally::distinct() const {
  const std::lock_guard lock(mutex_);
  return distinct_;
}

std::size_t Tally::repeats() const {
  const std::lock_guard lock(mutex_);
  return repeats_;
}

int Tally::newest(int entity) const {
  const std::lock_guard lock(mutex_);
  const auto found = newest_.find(entity);
  return found == newest_.end() ? 0 : found->second;
}

std::vector<std::string> Tally::disorder() const {
  const std::lock_guard lock(mutex_);
  return disorder_;
}

bool Tally::wait_for(std::size_t distinct, std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] { return distinct_ >= distinct; });
}

Workload::Workload(int entities, const std::string& runtime, const std::string& action)
    : entities_(entities),
      // Not a copy of one that has the tables: with wal_level minimal, PostgreSQL 15 leaves
      // unlogged indexes of a copied database broken by a crash.
      installation_(empty_database()) {
  run_sql(database(),
          "CREATE TABLE account (id int PRIMARY KEY, n int NOT NULL); "
          "INSERT INTO account SELECT i, 0 FROM generate_series(1, " +
              std::to_string(entities) + ") i");
  receiver_.handle([this](const HttpRequest& request) {
    int entity = 0;
    int number = 0;
    if (std::sscanf(request.body.c_str(), "%d %d", &entity, &number) == 2) {
      tally_.note(entity, number);
    }
    return HttpReply(200);
  });
  installation_.configure(R"({"runtime": {"poll_interval": "500ms")" + runtime + R"(},
    "observers": [{"name": "all", "entity": "Account", "events": ["update"], "actions": [
      {"type": "webhook", "url": ")" +
                          receiver_.url("/hook") +
                          R"(", "body": "{{ id }} {{ n }}",
       "retry": {"initial_delay": "100ms", "max_delay": "1s"})" +
                          action + "}]}]}");
  installation_.capture("account", "Account");
}

Workload::~Workload() {
  finish_writing();
}

void Workload::finish_writing() {
  if (writer_.joinable()) writer_.join();
}

void Workload::write(int changes, std::chrono::milliseconds pause) {
  finish_writing();
  writer_ = std::thread([this, changes, pause] { run_writer(changes, pause); });
}

void Workload::run_writer(int changes, std::chrono::milliseconds pause) const {
  int left = changes / entities_;
  while (left > 0) {
    try {
      pqxx::connection connection(database());
      const pqxx::quiet_errorhandler quiet(connection);
      // What the receiver has seen must not be lost in a crash of the server.
      run_sql(connection, "SET synchronous_commit = on");
      for (; left > 0; --left) {
        run_sql(connection, "UPDATE account SET n = n + 1");
        std::this_thread::sleep_for(pause);
      }
    } catch (const std::exception&) {
      // The server restarts. Whether the last statement was committed, the table knows.
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
}

bool Workload::wait_for(std::size_t distinct) const {
  return tally_.wait_for(distinct, kPatience);
}

std::vector<std::string> Workload::finish() {
  finish_writing();
  const Rows truth = run_sql(database(), "SELECT id, n FROM account ORDER BY id");
  std::size_t committed = 0;
  for (const auto& row : truth) committed += std::stoul(row[1]);
  std::size_t before = 0;
  while (!tally_.wait_for(committed, kPatience) && tally_.distinct() > before) {
    before = tally_.distinct();
  }
  std::vector<std::string> problems = tally_.disorder();
  for (const auto& row : truth) {
    const int newest = tally_.newest(std::stoi(row[0]));
    if (newest != std::stoi(row[1])) {
      problems.push_back("entity " + row[0] + " was changed " + row[1] + " times, received were " +
                         std::to_string(newest));
    }
  }
  std::printf("%zu changes, received twice: %zu\n", committed, tally_.repeats());
  return problems;
}

Dice::Dice() {
  const char* given = std::getenv("OBSERVERD_TORTURE_SEED");
  const auto seed =
      given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device()();
  std::printf("seed %u\n", seed);
  random_.seed(seed);
}

std::vector<std::size_t> Dice::moments(std::size_t count, std::size_t limit) {
  std::vector<std::size_t> moments;
  for (std::size_t i = 0; i < count; ++i) moments.push_back(1 + below(limit - 1));
  std::sort(moments.begin(), moments.end());
  return moments;
}

}  // namespace observerd::testing
