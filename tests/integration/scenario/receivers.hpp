#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "support/http_server.hpp"

namespace observerd::testing {

/// The receivers of a scenario: HTTP servers that answer by path, each path through its own list of
/// answers, the last of which stays; 200 where nothing is said. Thread-safe.
class Receivers {
 public:
  /// {"crm": {"/hook": [503, {"status": 429, "headers": {"Retry-After": "1"}}, 200]}}
  explicit Receivers(const json::Value& description);

  /// Replaces the answers to come: {"crm/hook": [200]}.
  void answer(const json::Value& answers);
  /// "${crm}" in a text becomes "http://127.0.0.1:PORT".
  std::string substitute(std::string text) const;
  /// What each path was sent, by "crm/hook", in the order of arrival.
  std::map<std::string, std::vector<HttpRequest>> requests() const;
  std::vector<std::string> violations() const;

 private:
  HttpReply next(const std::string& place);

  mutable std::mutex mutex_;
  std::map<std::string, std::vector<HttpReply>> answers_;  ///< by "crm/hook"
  std::map<std::string, std::unique_ptr<HttpServer>> servers_;
};

}  // namespace observerd::testing
