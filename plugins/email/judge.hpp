#pragma once

#include <cstddef>

#include "email/transaction.hpp"
#include "observerd/plugin.hpp"

namespace observerd::email {

/// What a failure means for the delivery:
///
/// | what | outcome, code |
/// |---|---|
/// | 421 anywhere | THROTTLED for 10 s, `smtp_421` |
/// | other 4yz | RETRY `smtp_451` … |
/// | 5yz to the greeting, EHLO or STARTTLS; no STARTTLS offered | MISCONFIGURED |
/// | 5yz to the login, no login offered | MISCONFIGURED `smtp_535` …, `smtp_no_login` |
/// | an access token refused | MISCONFIGURED `smtp_token_refused` |
/// | 530 and 538 anywhere: login or encryption wanted | MISCONFIGURED |
/// | 5yz to a sender that the settings fix, but 552 and 523 | MISCONFIGURED `smtp_sender_550` … |
/// | other 5yz | REJECTED `smtp_550` … |
/// | no answer after the whole message | RETRY `smtp_unknown_outcome` |
/// | no connection, no other answer | as with HTTP: common/classify.hpp |
sdk::Result judge_failure(const Failure& failure, bool has_fixed_sender);

/// The result of a delivery of which `before` recipients have been settled in earlier attempts. Any
/// recipient that is put off makes it RETRY, else any that is refused REJECTED; the code is the
/// server's, or smtp_partly_deferred and smtp_partly_refused where others took the message.
sdk::Result judge(const Outcome& outcome, std::size_t before, bool has_fixed_sender);

}  // namespace observerd::email
