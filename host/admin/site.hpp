#pragma once

#include <functional>
#include <string>
#include <vector>

#include "admin/access.hpp"
#include "admin/endpoint.hpp"
#include "admin/message.hpp"

namespace observerd::admin {

/// What the server shows: given by the daemon, so that this directory knows no part of it. All are
/// called from several threads at a time.
struct Contents {
  std::function<std::string()> metrics;  ///< Prometheus text exposition format 0.0.4
  std::function<Status()> readiness;     ///< ok while delivery is moving, else why it is not
  std::vector<Endpoint> api;
};

/// Every page, as a function of the request. No socket, no thread: the server calls it. Thread-safe
/// as far as the contents are. Does not throw but for std::bad_alloc.
///
///   /healthz    200 "ok": the process lives
///   /readyz     200 "ready", or 503 and why not (the reason only for those who may ask)
///   /metrics    for Prometheus
///   /api/v1     the list of endpoints; below it the endpoints
///   /           the dashboard
class Site {
 public:
  Site(Contents contents, Access access);

  HttpResponse respond(const HttpRequest& request) const;

 private:
  HttpResponse page(const HttpRequest& request, const Target& target) const;
  HttpResponse readiness(const HttpRequest& request) const;
  HttpResponse api(const HttpRequest& request, const Target& target) const;
  Answer call(const Endpoint& endpoint, ApiRequest call, const HttpRequest& request,
              const Target& target) const;
  Answer list_endpoints() const;

  const Contents contents_;
  const Access access_;
};

}  // namespace observerd::admin
