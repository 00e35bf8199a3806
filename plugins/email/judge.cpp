#include "email/judge.hpp"

#include <algorithm>
#include <string>

#include "common/classify.hpp"

namespace observerd::email {
namespace {

/// SMTP has no way to say for how long; a server that restarts or has too many of us is spared so
/// long at least.
constexpr std::chrono::seconds kPause{10};

const char* step(Stage stage) {
  switch (stage) {
    case Stage::Connect:
    case Stage::Hello:
      return "to the greeting";
    case Stage::StartTls:
      return "to STARTTLS";
    case Stage::Login:
      return "to the login";
    case Stage::Mail:
      return "to the sender";
    case Stage::Recipient:
      return "to a recipient";
    case Stage::Data:
      return "to DATA";
    case Stage::Final:
      return "to the message";
  }
  return "";
}

bool is_setup(Stage stage) {
  return stage == Stage::Connect || stage == Stage::Hello || stage == Stage::StartTls ||
         stage == Stage::Login;
}

sdk::Result judge_reply(const Reply& reply, Stage stage, bool has_fixed_sender) {
  // XOAUTH2 is refused by one more challenge, which only says so.
  if (stage == Stage::Login && reply.code == 334) {
    return sdk::misconfigured("smtp_token_refused", "the server refuses the access token");
  }
  std::string code = "smtp_" + std::to_string(reply.code);
  std::string text = "the server says " + std::string(step(stage)) + ": " + reply.text();
  if (reply.code == 421) return sdk::throttled(kPause, std::move(code), std::move(text));
  if (reply.is_transient() || reply.code < 400) return sdk::retry(std::move(code), std::move(text));
  const bool is_setup_wanted = reply.code == 530 || reply.code == 538;
  if (is_setup(stage) || is_setup_wanted) {
    return sdk::misconfigured(std::move(code), std::move(text));
  }
  const bool is_size = reply.code == 552 || reply.code == 523;
  if (stage == Stage::Mail && has_fixed_sender && !is_size) {
    return sdk::misconfigured("smtp_sender_" + std::to_string(reply.code), std::move(text));
  }
  return sdk::rejected(std::move(code), std::move(text));
}

/// "2 took it; refused: a@x (550 5.1.1 no such user), …".
std::string account(const Outcome& outcome, std::size_t before) {
  const std::size_t taken = outcome.taken.size() + before;
  std::string text = taken == 0 ? "" : std::to_string(taken) + " took it; ";
  text += "not taken by ";
  bool is_first = true;
  for (const auto& [recipient, reply] : outcome.refused) {
    if (!is_first) text += ", ";
    is_first = false;
    text += recipient + " (" + reply.text() + ")";
    if (text.size() > 900) return text + " …";
  }
  return text;
}

}  // namespace

sdk::Result judge_failure(const Failure& failure, bool has_fixed_sender) {
  if (failure.reply) return judge_reply(*failure.reply, failure.stage, has_fixed_sender);
  if (failure.error == common::HttpError::Cancelled && failure.stage != Stage::Final) {
    return sdk::cancelled();
  }
  if (failure.stage == Stage::Final) {
    return sdk::retry("smtp_unknown_outcome",
                      "the message was sent whole, but " +
                          (failure.detail.empty() ? "no answer came" : failure.detail) +
                          ": it is sent again with the same Message-ID");
  }
  if (failure.stage == Stage::StartTls) {
    return sdk::misconfigured("smtp_no_starttls",
                              "the server does not offer STARTTLS, which the settings insist on");
  }
  if (failure.stage == Stage::Login) {
    return sdk::misconfigured("smtp_no_login",
                              "the server does not offer the login of the settings");
  }
  common::Response response;
  response.error = failure.error;
  response.detail = failure.detail;
  return common::classify(response, std::chrono::system_clock::now());
}

sdk::Result judge(const Outcome& outcome, std::size_t before, bool has_fixed_sender) {
  if (outcome.failure) return judge_failure(*outcome.failure, has_fixed_sender);
  if (outcome.refused.empty()) return sdk::delivered(outcome.last_answer);
  const auto& refused = outcome.refused;
  const auto deferred = std::find_if(refused.begin(), refused.end(),
                                     [](const auto& one) { return one.second.is_transient(); });
  const bool is_partial = before + outcome.taken.size() > 0;
  const Reply& reply = deferred == refused.end() ? refused.begin()->second : deferred->second;
  sdk::Result result = judge_reply(reply, Stage::Recipient, has_fixed_sender);
  result.message = account(outcome, before);
  if (is_partial && result.outcome == OBSERVERD_RETRY) result.code = "smtp_partly_deferred";
  if (is_partial && result.outcome == OBSERVERD_REJECTED) result.code = "smtp_partly_refused";
  return result;
}

}  // namespace observerd::email
