#include "plugin/result.hpp"

#include <algorithm>

#include "plugin/text.hpp"

namespace observerd::plugin {
namespace {

constexpr std::size_t max_code_bytes = 64;
constexpr std::size_t max_message_bytes = 1024;
constexpr std::size_t max_remote_id_bytes = 256;
/// What no receiver means seriously; keeps the arithmetic of schedules far from overflow.
constexpr std::int64_t max_retry_after_ms = 366LL * 24 * 3600 * 1000;

}  // namespace

ItemResult clean_result(Outcome outcome, std::int64_t retry_after_ms, observerd_str code,
                        observerd_str message, observerd_str remote_id) {
  ItemResult result;
  result.outcome = outcome;
  result.retry_after =
      Milliseconds(std::clamp<std::int64_t>(retry_after_ms, 0, max_retry_after_ms));
  result.code = clean_text(code, max_code_bytes);
  result.message = clean_text(message, max_message_bytes);
  result.remote_id = clean_text(remote_id, max_remote_id_bytes);
  return result;
}

}  // namespace observerd::plugin
