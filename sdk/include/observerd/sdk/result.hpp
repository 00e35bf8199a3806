#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "observerd/plugin.h"

/// What a plugin says about one item. Part of plugin.hpp.
namespace observerd::sdk {

/// The ABI's form of a text; borrows it.
inline observerd_str to_str(std::string_view text) {
  return {text.data(), text.size()};
}
/// The usual form of a text of the ABI; borrows it.
inline std::string_view to_view(observerd_str text) {
  return text.data == nullptr ? std::string_view()
                              : std::string_view(text.data, static_cast<std::size_t>(text.len));
}

/// What became of one item. See the helpers below; `code` is short and stable ("http_410"),
/// `message` is for operators and must hold no secret.
struct Result {
  std::int32_t outcome = OBSERVERD_RETRY;    ///< OBSERVERD_DELIVERED to OBSERVERD_GONE
  std::string code;                          ///< "http_410"
  std::string message;                       ///< for operators; at most 1 KiB is kept
  std::string remote_id;                     ///< the receiver's own id of what it took
  std::chrono::milliseconds retry_after{0};  ///< what the receiver asked for; 0: nothing

  /// What the receiver asked for (Retry-After and the like).
  Result after(std::chrono::milliseconds delay) && {
    retry_after = delay;
    return std::move(*this);
  }
};

/// Done, for ever.
inline Result delivered(std::string remote_id = {}) {
  return {OBSERVERD_DELIVERED, {}, {}, std::move(remote_id), {}};
}
/// May succeed later; also when it is unknown what happened.
inline Result retry(std::string code, std::string message) {
  return {OBSERVERD_RETRY, std::move(code), std::move(message), {}, {}};
}
/// The receiver asks for time.
inline Result throttled(std::chrono::milliseconds retry_after, std::string code = "throttled",
                        std::string message = {}) {
  return {OBSERVERD_THROTTLED, std::move(code), std::move(message), {}, retry_after};
}
/// This item can never succeed: dead letter at once.
inline Result rejected(std::string code, std::string message) {
  return {OBSERVERD_REJECTED, std::move(code), std::move(message), {}, {}};
}
/// The destination is down: pauses its lane, costs no attempt.
inline Result unavailable(std::string code, std::string message) {
  return {OBSERVERD_UNAVAILABLE, std::move(code), std::move(message), {}, {}};
}
/// Credentials or permissions: holds the action's deliveries and alerts.
inline Result misconfigured(std::string code, std::string message) {
  return {OBSERVERD_MISCONFIGURED, std::move(code), std::move(message), {}, {}};
}
/// The destination is no more: holds this action and alerts.
inline Result gone(std::string code, std::string message) {
  return {OBSERVERD_GONE, std::move(code), std::move(message), {}, {}};
}
/// Given up because the batch was cancelled.
inline Result cancelled() {
  return {OBSERVERD_CANCELLED, "cancelled", {}, {}, {}};
}

namespace detail {

/// A struct of the host as far as both sides know it; the rest is zero. This is what lets a plugin
/// meet a host of another minor.
template <typename Struct>
Struct load(const Struct* from) {
  Struct copy{};
  std::memcpy(static_cast<void*>(&copy), from,
              std::min<std::size_t>(from->struct_size, sizeof copy));
  return copy;
}

inline void report(const observerd_batch* batch, std::uint32_t index, const Result& result) {
  observerd_result raw{};
  raw.struct_size = sizeof raw;
  raw.outcome = result.outcome;
  raw.retry_after_ms = result.retry_after.count();
  raw.code = to_str(result.code);
  raw.message = to_str(result.message);
  raw.remote_id = to_str(result.remote_id);
  batch->report(batch, index, &raw);
}

inline Result not_reported() {
  return retry("not_reported", "the plugin dropped this item without a result");
}

}  // namespace detail

}  // namespace observerd::sdk
