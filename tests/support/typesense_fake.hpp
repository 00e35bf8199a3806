#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/json.hpp"
#include "support/http_server.hpp"

namespace observerd::testing {

/// Typesense as its API is documented, as far as documents go: collections exist or do not, an
/// import is answered line by line, numbers stay numbers. Refuses what Typesense refuses.
/// Thread-safe.
class TypesenseFake {
 public:
  explicit TypesenseFake(std::string key);

  HttpServer& server() { return server_; }
  /// A collection whose field `number` must be a number.
  void make_collection(const std::string& name, const std::string& number);
  /// "" when there is none.
  std::string document(const std::string& collection, const std::string& id) const;

 private:
  struct Collection {
    std::string number;
    std::map<std::string, json::Value> documents;
  };

  HttpReply answer(const HttpRequest& request);
  std::string import_line(Collection& collection, const std::string& action,
                          const std::string& line);

  const std::string key_;
  mutable std::mutex mutex_;
  std::map<std::string, Collection> collections_;
  HttpServer server_;  // the last: its threads use what is above
};

}  // namespace observerd::testing
