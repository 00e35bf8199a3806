#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cache/operation.hpp"
#include "common/http_types.hpp"
#include "common/route_settings.hpp"
#include "observerd/plugin.hpp"

namespace observerd::cache {

/// A cache that is told by HTTP: how, and what it answers. Immutable; thread-safe.
class Purger {
 public:
  virtual ~Purger() = default;
  /// Says what an action asks for that it cannot do.
  virtual void check(const Operation& configured, const common::ProblemFn& problem) const = 0;
  /// What keeps its deliveries apart from those to other caches; no secret.
  virtual std::string lane() const = 0;
  /// What is sent for one operation, in any order, or why nothing is.
  virtual std::variant<std::vector<common::Request>, sdk::Result> requests(
      const Operation& operation) const = 0;
  /// What a complete or broken answer means.
  virtual sdk::Result judge(const common::Response& response, WallTime now) const = 0;
  /// Requests that change nothing and are judged like the others.
  virtual std::vector<common::Request> probes() const = 0;
};

/// By flavour; problems are said with their JSON pointers, and the result is of use only when there
/// was none.
std::unique_ptr<const Purger> make_varnish(const json::Value& settings, bool allow_http,
                                           const common::ProblemFn& problem);
std::unique_ptr<const Purger> make_fastly(const json::Value& settings, bool allow_http,
                                          const common::ProblemFn& problem);
std::unique_ptr<const Purger> make_cloudflare(const json::Value& settings, bool allow_http,
                                              const common::ProblemFn& problem);

/// Tags for headers that hold several, divided by spaces: as many in each as `most_tags` and
/// `most_bytes` allow. nullopt when one is no surrogate key (printable ASCII without space or
/// comma, at most 1024 bytes).
std::optional<std::vector<std::string>> tag_headers(const std::vector<std::string>& tags,
                                                    std::size_t most_tags, std::size_t most_bytes);

/// `base` + `path` as a URL that has been checked before.
common::Url url_at(const common::Url& base, const std::string& path);
/// "/path?query" of a URL.
std::string path_of(const common::Url& url);
/// The URLs of an operation, or the result of an item that has one that is none.
std::variant<std::vector<common::Url>, sdk::Result> parse_urls(
    const std::vector<std::string>& texts);
/// Of an item with a tag that is none.
sdk::Result bad_tag();

}  // namespace observerd::cache
