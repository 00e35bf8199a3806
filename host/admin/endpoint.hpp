#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"

namespace observerd::admin {

enum class Method : unsigned char { Get, Post };

/// One call of the API, read and checked as far as that needs no knowledge of what it does.
struct ApiRequest {
  std::map<std::string, std::string, std::less<>> path;   ///< "{id}" of the endpoint's path
  std::map<std::string, std::string, std::less<>> query;  ///< only names that the endpoint has
  json::Value body;                                       ///< of a POST: an object, perhaps empty

  std::string query_or(std::string_view name, std::string fallback = {}) const;
};

/// What a call is answered with.
struct Answer {
  int status = 200;
  json::Value body;

  static Answer ok(json::Value body) { return {200, std::move(body)}; }
  /// An error of ours. The HTTP status follows from the code: 503 when the database is away
  /// (OB009, OB010, OB019), 404 for OB002, 409 for OB012 and OB018, 422 for what the caller's
  /// configuration, condition or event is to blame for, else 500.
  static Answer problem(const Status& status);
  /// The same with an HTTP status of the caller's choice; Code::Ok for what is no OB error.
  static Answer problem(int http_status, const Status& status);
  static Answer bad_request(const std::string& message);
  static Answer not_found(const std::string& message);
  static Answer of(Result<json::Value> result);
};

/// One verb of the API. `handle` may be called from several threads at a time and may block for as
/// long as a database query does.
struct Endpoint {
  Method method = Method::Get;
  std::string path;     ///< below /api/v1: "dlq/{id}"; a literal part goes before a "{name}"
  std::string summary;  ///< one line, for the list of endpoints
  std::vector<std::string> query;  ///< parameters that it takes; any other is an error
  std::function<Answer(const ApiRequest&)> handle;
};

}  // namespace observerd::admin
