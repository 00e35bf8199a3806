#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "base/json.hpp"
#include "support/http_server.hpp"

namespace observerd::testing {

/// Meilisearch as its API of 1.x is documented, as far as documents and tasks go: a change is
/// answered 202 with a task, which is carried out when it has been asked about `looks` times, in
/// the order of the tasks, each wholly or not at all. Refuses what Meilisearch refuses.
/// Thread-safe.
class MeilisearchFake {
 public:
  explicit MeilisearchFake(std::string key);

  HttpServer& server() { return server_; }
  /// How often a task must be asked about before it is done.
  void set_looks(int looks);
  /// Every task fails so from now on: a code of Meilisearch's and its type; "" for no longer.
  void fail_tasks(const std::string& code, const std::string& type);
  /// An index with another primary key.
  void make_index(const std::string& index, const std::string& primary_key);
  /// "" when there is none.
  std::string document(const std::string& index, const std::string& id) const;

 private:
  struct Index {
    std::string primary_key;
    std::map<std::string, json::Value> documents;
  };
  enum class Kind : unsigned char { Replace, Change, Delete };
  struct Task {
    Kind kind = Kind::Replace;
    std::string index, primary_key;
    json::Value body;
    int looks = 0;
    std::string status = "enqueued";
    std::string error, error_type;
  };

  HttpReply answer(const HttpRequest& request);
  HttpReply change(const HttpRequest& request);
  HttpReply look(const std::string& rest);
  void carry_out(Task& task);
  void write(Task& task);

  const std::string key_;
  mutable std::mutex mutex_;
  std::map<std::string, Index> indexes_;
  std::map<int, Task> tasks_;
  int looks_ = 1;
  std::string failure_, failure_type_;
  HttpServer server_;  // the last: its threads use what is above
};

}  // namespace observerd::testing
