#include <utility>

#include "cache/glob.hpp"
#include "cache/purger.hpp"
#include "common/classify.hpp"
#include "common/client_settings.hpp"

namespace observerd::cache {
namespace {

// One line of a request may be 8 KiB (http_req_hdr_len), the whole of it 32.
constexpr std::size_t kMostTags = 256;
constexpr std::size_t kMostTagBytes = 4'096;

/// Varnish with the VCL of README.md: PURGE and REFRESH of a URL, PURGE by xkey, BAN by path.
/// Everything goes to every server.
class Varnish final : public Purger {
 public:
  explicit Varnish(std::vector<common::Url> servers) : servers_(std::move(servers)) {}

  void check(const Operation& configured, const common::ProblemFn& problem) const override {
    static const std::vector<Shape> kShapes = {
        {Kind::Invalidate, {"urls", "tags", "key_pattern"}, {}},
        {Kind::Refresh, {"urls", "tags"}, {}},
        {Kind::Purge, {"urls", "tags"}, {}},
        {Kind::Ban, {"key_pattern"}, {}},
    };
    check_shape(configured, "varnish", kShapes, problem);
  }

  std::string lane() const override {
    std::string lane = "varnish";
    for (const common::Url& server : servers_) lane += " " + server.origin();
    return lane;
  }

  std::variant<std::vector<common::Request>, sdk::Result> requests(
      const Operation& operation) const override {
    const bool is_refresh = operation.kind == Kind::Refresh;
    const auto urls = parse_urls(operation.urls);
    if (const auto* refused = std::get_if<sdk::Result>(&urls)) return *refused;
    const auto tags = tag_headers(operation.tags, kMostTags, kMostTagBytes);
    if (!tags) return bad_tag();
    std::vector<common::Request> requests;
    for (const common::Url& server : servers_) {
      for (const common::Url& url : std::get<std::vector<common::Url>>(urls)) {
        requests.push_back(request(server, is_refresh ? "REFRESH" : "PURGE", path_of(url),
                                   {{"Host", url.authority()}}));
      }
      for (const std::string& header : *tags) {
        requests.push_back(request(server, "PURGE", "/",
                                   {{is_refresh ? "xkey-softpurge" : "xkey-purge", header}}));
      }
      if (operation.has("key_pattern")) {
        requests.push_back(
            request(server, "BAN", "/", {{"X-Ban-Url", glob_to_regex(operation.key_pattern)}}));
      }
    }
    return requests;
  }

  sdk::Result judge(const common::Response& response, WallTime now) const override {
    if (response.error == common::HttpError::None) {
      // As many VCLs answer for what is not there.
      if (response.status == 404) return sdk::delivered();
      if (response.status == 405 || response.status == 501) {
        return sdk::misconfigured("varnish_method_refused",
                                  "HTTP " + std::to_string(response.status) +
                                      ": the VCL does not let us purge; see its access list");
      }
    }
    return common::classify(response, now);
  }

  std::vector<common::Request> probes() const override {
    std::vector<common::Request> requests;
    for (const common::Url& server : servers_) {
      requests.push_back(request(server, "PURGE", "/", {}));
      requests.back().connect_only = true;
    }
    return requests;
  }

 private:
  static common::Request request(const common::Url& server, std::string method,
                                 const std::string& path, common::Headers headers) {
    common::Request request;
    request.method = std::move(method);
    request.url = url_at(server, path);
    request.headers = std::move(headers);
    request.has_body = false;
    return request;
  }

  const std::vector<common::Url> servers_;
};

}  // namespace

std::unique_ptr<const Purger> make_varnish(const json::Value& settings, bool allow_http,
                                           const common::ProblemFn& problem) {
  std::vector<common::Url> servers;
  const json::Value* texts = settings.find("servers");
  if (texts == nullptr || !texts->is_array()) {
    problem("/servers", "must name the URL of each Varnish");
    return std::make_unique<Varnish>(std::move(servers));
  }
  for (std::size_t i = 0; i < texts->items().size(); ++i) {
    const std::string pointer = json::join_pointer("/servers", i);
    auto url = common::read_endpoint(texts->items()[i].text(), allow_http, pointer, problem);
    if (!url) continue;
    if (path_of(*url) != "/") problem(pointer, "has a path: only scheme, host and port are used");
    servers.push_back(*std::move(url));
  }
  return std::make_unique<Varnish>(std::move(servers));
}

}  // namespace observerd::cache
