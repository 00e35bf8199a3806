#include "admin/site.hpp"

#include <algorithm>
#include <exception>
#include <optional>

#include "admin/dashboard.hpp"
#include "base/strings.hpp"

namespace observerd::admin {
namespace {

constexpr const char* kJson = "application/json; charset=utf-8";
constexpr const char* kText = "text/plain; charset=utf-8";

bool reads(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

HttpResponse text(int status, std::string body) {
  return {status, kText, body + '\n', {}};
}

HttpResponse json_response(const Answer& answer) {
  return {answer.status, kJson, json::write_pretty(answer.body) + '\n', {}};
}

HttpResponse refused(const Refusal& refusal) {
  HttpResponse response =
      json_response(Answer::problem(refusal.status, Status::error(Code::Ok, refusal.message)));
  if (refusal.status == 401) {
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"observerd\"");
  }
  return response;
}

HttpResponse wrong_method(const std::string& allowed) {
  HttpResponse response = json_response(
      Answer::problem(405, Status::error(Code::Ok, "this takes " + allowed + " only")));
  response.headers.emplace_back("Allow", allowed);
  return response;
}

HttpResponse not_acceptable(const char* type) {
  return text(406, std::string("this is ") + type);
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    parts.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return parts;
}

/// How well an endpoint's path fits: nullopt not at all, else the number of its literal parts. The
/// values of its "{name}" parts go to `values`.
std::optional<int> fit(const Endpoint& endpoint, const std::vector<std::string>& segments,
                       std::map<std::string, std::string, std::less<>>& values) {
  const std::vector<std::string> parts = split(endpoint.path);
  if (parts.size() != segments.size()) return std::nullopt;
  int literal = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].front() == '{') {
      values[parts[i].substr(1, parts[i].size() - 2)] = segments[i];
    } else if (parts[i] == segments[i]) {
      ++literal;
    } else {
      return std::nullopt;
    }
  }
  return literal;
}

}  // namespace

Site::Site(Contents contents, Access access)
    : contents_(std::move(contents)), access_(std::move(access)) {}

HttpResponse Site::respond(const HttpRequest& request) const {
  // RFC 9112, 3.2: exactly one Host, or an answer of 400.
  const std::size_t hosts = request.count("Host");
  if (hosts > 1 || (hosts == 0 && !request.is_http_10)) return text(400, "one Host header, please");
  const std::optional<Target> target = parse_target(request.target);
  if (!target) return text(400, "the target of the request is malformed");
  HttpResponse response = page(request, *target);
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

HttpResponse Site::page(const HttpRequest& request, const Target& target) const {
  const std::string first = target.segments.empty() ? "" : target.segments[0];
  if (first == "api") return api(request, target);
  if (target.segments.size() > 1 ||
      (first != "" && first != "healthz" && first != "readyz" && first != "metrics")) {
    return text(404, "there is nothing here; see /, /metrics, /healthz, /readyz and /api/v1");
  }
  if (!reads(request)) return wrong_method("GET, HEAD");
  if (first == "healthz") return text(200, "ok");
  if (first == "readyz") return readiness(request);
  if (first == "metrics") {
    if (const auto refusal = access_.refuse(request, false)) return refused(*refusal);
    if (!accepts(request, "text", "plain")) return not_acceptable("text/plain");
    std::string metrics = contents_.metrics();
    if (metrics.empty()) return text(500, "the metrics could not be written");
    return {200, "text/plain; version=0.0.4; charset=utf-8", std::move(metrics), {}};
  }
  if (!accepts(request, "text", "html")) return not_acceptable("text/html");
  return dashboard();
}

HttpResponse Site::readiness(const HttpRequest& request) const {
  const Status status = contents_.readiness();
  const int code = status.ok() ? 200 : 503;
  const std::string* accept = request.header("Accept");
  const bool wants_json = accept != nullptr && accept->find("json") != std::string::npos;
  const bool may_know = access_.knows(request);
  if (!wants_json) {
    if (status.ok()) return text(code, "ready");
    return text(code, may_know ? "not ready: " + status.to_string() : "not ready");
  }
  json::Value body = json::Value::object({{"ready", json::Value::boolean(status.ok())}});
  const bool tells = !status.ok() && may_know;
  body.set("code", tells ? json::Value::string(code_name(status.code())) : json::Value());
  body.set("reason", tells ? json::Value::string(status.message()) : json::Value());
  return {code, kJson, json::write_pretty(body) + '\n', {}};
}

HttpResponse Site::api(const HttpRequest& request, const Target& target) const {
  if (const auto refusal = access_.refuse(request, !reads(request))) return refused(*refusal);
  if (!accepts(request, "application", "json")) return not_acceptable("application/json");
  if (target.segments.size() < 2 || target.segments[1] != "v1") {
    return json_response(Answer::not_found("the API is below /api/v1"));
  }
  const std::vector<std::string> segments(target.segments.begin() + 2, target.segments.end());
  if (segments.empty()) {
    return reads(request) ? json_response(list_endpoints()) : wrong_method("GET, HEAD");
  }
  const Endpoint* best = nullptr;
  int best_fit = -1;
  ApiRequest call;
  bool get = false, post = false;
  for (const Endpoint& endpoint : contents_.api) {
    ApiRequest candidate;
    const std::optional<int> found = fit(endpoint, segments, candidate.path);
    if (!found) continue;
    (endpoint.method == Method::Get ? get : post) = true;
    const bool method = endpoint.method == Method::Get ? reads(request) : request.method == "POST";
    if (!method || *found <= best_fit) continue;
    best = &endpoint;
    best_fit = *found;
    call = std::move(candidate);
  }
  if (best == nullptr && (get || post)) {
    return wrong_method(get && post ? "GET, HEAD, POST" : get ? "GET, HEAD" : "POST");
  }
  if (best == nullptr) {
    return json_response(Answer::not_found("there is no such endpoint; GET /api/v1 lists them"));
  }
  return json_response(this->call(*best, std::move(call), request, target));
}

Answer Site::call(const Endpoint& endpoint, ApiRequest call, const HttpRequest& request,
                  const Target& target) const {
  for (const auto& [name, value] : target.query) {
    if (std::find(endpoint.query.begin(), endpoint.query.end(), name) == endpoint.query.end()) {
      return Answer::bad_request("there is no parameter \"" + name + "\"" +
                                 did_you_mean(name, endpoint.query));
    }
    if (!call.query.emplace(name, value).second) {
      return Answer::bad_request("the parameter \"" + name + "\" is given twice");
    }
  }
  call.body = json::Value::object();
  if (endpoint.method == Method::Post && !trim(request.body).empty()) {
    const std::string* type = request.header("Content-Type");
    if (type == nullptr || !ascii_lower(*type).starts_with("application/json")) {
      return Answer::problem(415, Status::error(Code::Ok, "the body must be application/json"));
    }
    Result<json::Value> body =
        json::parse(request.body, Code::BadEvent, {.reject_duplicates = true, .max_depth = 50});
    if (!body) return Answer::bad_request("the body is no JSON: " + body.status().message());
    if (!body->is_object()) return Answer::bad_request("the body must be a JSON object");
    call.body = std::move(*body);
  }
  try {
    return endpoint.handle(call);
  } catch (const std::exception& error) {
    return Answer::problem(500, Status::error(Code::Ok, std::string("internal: ") + error.what()));
  }
}

Answer Site::list_endpoints() const {
  json::Value list = json::Value::array();
  for (const Endpoint& endpoint : contents_.api) {
    json::Value query = json::Value::array();
    for (const std::string& name : endpoint.query) query.push_back(json::Value::string(name));
    list.push_back(json::Value::object(
        {{"method", json::Value::string(endpoint.method == Method::Get ? "GET" : "POST")},
         {"path", json::Value::string("/api/v1/" + endpoint.path)},
         {"query", std::move(query)},
         {"summary", json::Value::string(endpoint.summary)}}));
  }
  return Answer::ok(json::Value::object({{"endpoints", std::move(list)}}));
}

}  // namespace observerd::admin
