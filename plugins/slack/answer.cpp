#include "slack/answer.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/json.hpp"
#include "base/strings.hpp"
#include "common/classify.hpp"

namespace observerd::slack {
namespace {

enum class Meaning : unsigned char { Transient, Setup, NoChannel, Gone, Message };

struct Word {
  std::string_view word;  ///< a trailing * stands for anything
  Meaning meaning;
};

constexpr std::array kWords{
    Word{"ratelimited", Meaning::Transient},
    Word{"rate_limited", Meaning::Transient},
    Word{"internal_error", Meaning::Transient},
    Word{"service_unavailable", Meaning::Transient},
    Word{"request_timeout", Meaning::Transient},
    Word{"fatal_error", Meaning::Transient},
    Word{"rollup_error", Meaning::Transient},
    Word{"team_added_to_org", Meaning::Transient},
    Word{"org_login_required", Meaning::Transient},
    Word{"not_authed", Meaning::Setup},
    Word{"invalid_auth", Meaning::Setup},
    Word{"invalid_token", Meaning::Setup},
    Word{"account_inactive", Meaning::Setup},
    Word{"token_revoked", Meaning::Setup},
    Word{"token_expired", Meaning::Setup},
    Word{"missing_scope", Meaning::Setup},
    Word{"no_permission", Meaning::Setup},
    Word{"not_allowed_token_type", Meaning::Setup},
    Word{"access_denied", Meaning::Setup},
    Word{"accesslimited", Meaning::Setup},
    Word{"action_prohibited", Meaning::Setup},
    Word{"ekm_access_denied", Meaning::Setup},
    Word{"enterprise_is_restricted", Meaning::Setup},
    Word{"team_not_found", Meaning::Setup},
    Word{"two_factor_setup_required", Meaning::Setup},
    Word{"method_deprecated", Meaning::Setup},
    Word{"channel_not_found", Meaning::NoChannel},
    Word{"user_not_found", Meaning::NoChannel},
    Word{"not_in_channel", Meaning::NoChannel},
    Word{"messages_tab_disabled", Meaning::NoChannel},
    Word{"restricted_action*", Meaning::NoChannel},
    Word{"is_archived", Meaning::Gone},
    Word{"channel_is_archived", Meaning::Gone},
    Word{"no_service", Meaning::Gone},
    Word{"no_team", Meaning::Gone},
    Word{"no_text", Meaning::Message},
    Word{"msg_too_long", Meaning::Message},
    Word{"msg_blocks_too_long", Meaning::Message},
    Word{"invalid_payload", Meaning::Message},
    Word{"invalid_blocks*", Meaning::Message},
    Word{"invalid_metadata*", Meaning::Message},
    Word{"invalid_arg*", Meaning::Message},
    Word{"invalid_array_arg", Meaning::Message},
    Word{"invalid_form_data", Meaning::Message},
    Word{"invalid_json", Meaning::Message},
    Word{"json_not_object", Meaning::Message},
    Word{"invalid_charset", Meaning::Message},
    Word{"missing_charset", Meaning::Message},
    Word{"invalid_post_type", Meaning::Message},
    Word{"missing_post_type", Meaning::Message},
    Word{"too_many_attachments", Meaning::Message},
    Word{"attachment_payload_limit_exceeded", Meaning::Message},
    Word{"markdown_text_conflict", Meaning::Message},
    Word{"cannot_reply_to_message", Meaning::Message},
    Word{"thread_not_found", Meaning::Message},
};

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::optional<Meaning> meaning_of(std::string_view word) {
  for (const Word& known : kWords) {
    const bool open = known.word.ends_with('*');
    const std::string_view stem = known.word.substr(0, known.word.size() - (open ? 1 : 0));
    if (open ? word.starts_with(stem) : word == stem) return known.meaning;
  }
  return std::nullopt;
}

std::string sentence(std::string_view word, const std::string& detail) {
  std::string text = "Slack says " + std::string(word);
  if (!detail.empty()) text += ": " + detail;
  if (word == "fatal_error") text += "; the message may have been posted all the same";
  return text;
}

sdk::Result judge_word(std::string_view word, const std::string& detail, bool has_fixed_channel) {
  const auto meaning = meaning_of(word);
  const std::string code = "slack_" + std::string(word);
  std::string text = sentence(word, detail);
  if (!meaning) return sdk::rejected("slack_unknown_error", std::move(text));
  switch (*meaning) {
    case Meaning::Transient:
      return sdk::retry(code, std::move(text));
    case Meaning::Setup:
      return sdk::misconfigured(code, std::move(text));
    case Meaning::NoChannel:
      if (has_fixed_channel) return sdk::misconfigured(code, std::move(text));
      break;
    case Meaning::Gone:
      if (has_fixed_channel) return sdk::gone(code, std::move(text));
      break;
    case Meaning::Message:
      break;
  }
  return sdk::rejected(code, std::move(text));
}

/// What Slack adds to its word: which scope is missing, which block is wrong.
std::string detail_of(const json::Value& answer) {
  std::string detail = answer.string_or("needed");
  if (!detail.empty()) detail = "needed is " + detail;
  const json::Value* metadata = answer.find("response_metadata");
  const json::Value* messages = metadata != nullptr ? metadata->find("messages") : nullptr;
  if (messages == nullptr || !messages->is_array()) return detail;
  for (const json::Value& message : messages->items()) {
    if (!message.is_string()) continue;
    if (!detail.empty()) detail += "; ";
    detail += common::excerpt(message.text(), 200);
    if (detail.size() > 600) break;
  }
  return detail;
}

bool is_answered(const common::Response& response) {
  return response.error == common::HttpError::None ||
         response.error == common::HttpError::Oversized;
}

}  // namespace

sdk::Result judge_api(const common::Response& response, bool has_fixed_channel, WallTime now) {
  if (!is_answered(response) || response.status != 200) return common::classify(response, now);
  const auto answer = json::parse(response.body, Code::ActionFailed);
  const json::Value* ok = answer && answer->is_object() ? answer->find("ok") : nullptr;
  if (ok == nullptr || !ok->is_boolean()) {
    return sdk::retry("slack_bad_answer", "status 200 with a body that is not Slack's: " +
                                              common::excerpt(response.body, 200));
  }
  if (ok->as_boolean()) {
    const std::string ts = answer->string_or("ts");
    return sdk::delivered(ts.empty() ? ts : answer->string_or("channel") + " " + ts);
  }
  const std::string word = answer->string_or("error");
  if (!is_word(word)) return sdk::rejected("slack_unknown_error", sentence("no reason", ""));
  return judge_word(word, detail_of(*answer), has_fixed_channel);
}

sdk::Result judge_webhook(const common::Response& response, WallTime now) {
  if (!is_answered(response) || response.status == 429) return common::classify(response, now);
  const std::string word(trim(response.body));
  const bool is_ok = response.status >= 200 && response.status < 300;
  if (is_ok && word == "ok") return sdk::delivered();
  if (is_word(word) && (is_ok || meaning_of(word))) return judge_word(word, "", true);
  if (!is_ok) return common::classify(response, now);
  return sdk::retry("slack_bad_answer",
                    "a body that is not Slack's: " + common::excerpt(response.body, 200));
}

}  // namespace observerd::slack
