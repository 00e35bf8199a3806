#pragma once

#include "base/clock.hpp"
#include "common/http_types.hpp"
#include "observerd/sdk/result.hpp"

namespace observerd::push {

/// What Apple lets pass between one provider token and the next.
inline constexpr std::chrono::minutes kApnsTokenPause{20};

/// What an answer of APNs means (README.md has the table). With a topic that is the same for every
/// event a refused topic is the settings' fault, else the event's.
sdk::Result judge_apns(const common::Response& response, bool is_topic_fixed, WallTime now);

/// Whether APNs says that the provider token is too old.
bool is_expired_token(const common::Response& response);

}  // namespace observerd::push
