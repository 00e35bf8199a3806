#pragma once

#include <string>
#include <string_view>

#include "common/http_types.hpp"
#include "observerd/plugin.hpp"

namespace observerd::slack {

/// What Slack's answer means. Slack says most of what is wrong by a word: with status 200 in
/// chat.postMessage ({"ok": false, "error": WORD}), as the text of a 4xx or 5xx from a webhook.
///
/// | words | outcome |
/// |---|---|
/// | ratelimited, internal_error, service_unavailable, request_timeout, fatal_error … | RETRY |
/// | invalid_auth, token_revoked, missing_scope, action_prohibited … | MISCONFIGURED |
/// | is_archived, channel_is_archived, no_service, no_team | GONE where the channel is fixed |
/// | channel_not_found, not_in_channel … | MISCONFIGURED where the channel is fixed |
/// | the same where an event named the channel; no_text, msg_too_long, invalid_blocks … | REJECTED
/// | | a word that is not known here | REJECTED, `slack_unknown_error` |
///
/// Anything else is judged as any HTTP answer (common/classify.hpp).
sdk::Result judge_api(const common::Response& response, bool has_fixed_channel, WallTime now);
sdk::Result judge_webhook(const common::Response& response, WallTime now);

}  // namespace observerd::slack
