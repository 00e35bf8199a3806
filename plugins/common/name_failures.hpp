#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/http_types.hpp"
#include "common/patience.hpp"

namespace observerd::common {

/// Whether a name that libcurl could not resolve does not exist or the name servers are silent:
/// DnsNotFound or DnsTemporary. libcurl does not say which, and the two need different handling.
/// Blocking; the system's resolver.
HttpError ask_resolver(const std::string& host);
/// The same within limits: DnsTemporary when there is no answer by then.
HttpError ask_resolver_within(const std::string& host, const Patience& patience);

/// Runs that question on short-lived threads, at most eight at a time, one for each name.
/// Thread-safe.
class NameFailures {
 public:
  using AskFn = std::function<HttpError(const std::string& host)>;
  using DoneFn = std::function<void(const std::string& host, HttpError error)>;

  /// `done` is called on a thread of this class, never after the destructor has returned.
  NameFailures(AskFn ask, DoneFn done);
  ~NameFailures();
  NameFailures(const NameFailures&) = delete;
  NameFailures& operator=(const NameFailures&) = delete;

  /// True when an answer will come through `done` (perhaps from a question already under way);
  /// false when too many are: the failure then counts as temporary.
  bool ask(const std::string& host);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace observerd::common
