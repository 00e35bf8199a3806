#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <pqxx/pqxx>

#include <string>
#include <vector>

#include "capture/capture.hpp"
#include "support/postgres.hpp"

namespace observerd::testing {

/// A new database with a connection of the host's kind; run() is the application, on a connection
/// of its own.
class Capture : public ::testing::Test {
 protected:
  Capture() : url_(fresh_database()), connection_(connect(url_)), application_(url_) {}

  Rows run(const std::string& sql) { return run_sql(application_, sql); }

  capture::Captured add(const std::string& table, const std::string& entity,
                        std::vector<std::string> key = {}) {
    capture::AddOptions options;
    options.table = table;
    options.entity = entity;
    options.key = std::move(key);
    return add(options);
  }
  capture::Captured add(const capture::AddOptions& options) {
    const Result<capture::Captured> added = capture::add(*connection_, options);
    EXPECT_TRUE(added.ok()) << added.status().to_string();
    return added.ok() ? *added : capture::Captured{};
  }
  Status refused(const std::string& table, const std::string& entity,
                 std::vector<std::string> key = {}) {
    capture::AddOptions options;
    options.table = table;
    options.entity = entity;
    options.key = std::move(key);
    return capture::add(*connection_, options).status();
  }

  /// "kind key old_key new old" of every event since the last call, in the order of their ids.
  std::vector<std::string> events() {
    std::vector<std::string> lines;
    for (const std::vector<std::string>& row :
         run("SELECT id, concat_ws(' ', kind, key, coalesce(old_key, '-'),"
             " coalesce(new_row::text, '-'), coalesce(old_row::text, '-'))"
             " FROM observer.outbox WHERE id > " +
             std::to_string(seen_) + " ORDER BY id")) {
      seen_ = std::stoll(row[0]);
      lines.push_back(row[1]);
    }
    return lines;
  }

  using Lines = std::vector<std::string>;
  std::string url_;
  std::unique_ptr<postgres::Connection> connection_;
  pqxx::connection application_;
  pqxx::quiet_errorhandler quiet_{application_};
  long long seen_ = 0;
};

}  // namespace observerd::testing
