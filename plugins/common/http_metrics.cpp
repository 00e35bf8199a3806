#include "common/http_metrics.hpp"

namespace observerd::common {
namespace {

// An answer that broke off is none: what the receiver did is unknown.
std::string_view answer_class(const Response& response) {
  constexpr std::string_view kClasses[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
  const bool is_whole = response.error == HttpError::None || response.error == HttpError::Oversized;
  if (!is_whole || response.status < 100 || response.status > 599) return "none";
  return kClasses[response.status / 100 - 1];
}

}  // namespace

void count_request(const sdk::Host& host, const Response& response) {
  host.count("requests_total", 1, {{"answer", answer_class(response)}});
  if (response.connect_time.count() == 0) return;
  host.count("connections_total", 1, {{"use", response.new_connection ? "new" : "kept"}});
  if (response.new_connection) {
    host.observe("connect_seconds", std::chrono::duration<double>(response.connect_time).count());
  }
  host.count("sent_bytes_total", static_cast<double>(response.sent_bytes));
  host.count("received_bytes_total", static_cast<double>(response.received_bytes));
}

}  // namespace observerd::common
