#include "email/postman.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "email/judge.hpp"

namespace observerd::email {
namespace {

/// Servers and what lies between forget a connection after minutes at the soonest (RFC 5321 section
/// 4.5.3.2: five); one that was idle for so long is not worth the risk.
constexpr std::chrono::seconds kMostIdle{30};
constexpr std::chrono::seconds kProbeTimeout{10};

SteadyTime now() {
  return std::chrono::steady_clock::now();
}

/// Whether a mail may go again over another connection although this one failed: nothing can have
/// been taken, and it was the connection that was at its end.
bool may_repeat(const Outcome& outcome) {
  if (!outcome.failure || !outcome.taken.empty()) return false;
  const Failure& failure = *outcome.failure;
  if (failure.stage == Stage::Final) return false;
  return failure.reply ? failure.reply->code == 421 : failure.error == common::HttpError::Reset;
}

}  // namespace

Postman::Postman(sdk::Host host, const ModuleSettings& settings)
    : host_(host),
      settings_(settings),
      slots_(settings.max_connections, [] { return std::make_unique<Slot>(); }),
      stop_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Postman::~Postman() {
  if (stop_fd_ >= 0) close(stop_fd_);
}

bool Postman::start() {
  is_stopping_ = false;
  std::uint64_t count = 0;
  [[maybe_unused]] const auto size = read(stop_fd_, &count, sizeof count);
  slots_.reopen();
  return true;
}

void Postman::stop() {
  is_stopping_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto size = write(stop_fd_, &one, sizeof one);
  slots_.close();
}

sdk::Result Postman::greet() {
  const auto opened =
      Connection::open(settings_.server, {now() + kProbeTimeout, -1, stop_fd_, nullptr});
  if (const auto* failed = std::get_if<Failure>(&opened)) return judge_failure(*failed, true);
  return sdk::delivered();
}

sdk::Result Postman::deliver(const Mail& mail, const sdk::Item& item, bool has_fixed_sender) {
  common::Patience patience{item.deadline(), item.cancel_fd(), stop_fd_,
                            [this, &item] { return is_stopping_ || item.cancelled(); }};
  if (settings_.timeout)
    patience.deadline = std::min(patience.deadline, now() + *settings_.timeout);
  const std::set<std::string> before =
      taken_.find(item.delivery_id()).value_or(std::set<std::string>());
  Envelope envelope{mail.sender, {}, mail.text, mail.needs_utf8};
  std::copy_if(mail.recipients.begin(), mail.recipients.end(),
               std::back_inserter(envelope.recipients),
               [&](const std::string& recipient) { return before.count(recipient) == 0; });
  if (envelope.recipients.empty()) return sdk::delivered();
  Slots::Lease slot = borrow(patience);
  if (!slot) {
    if (patience.is_cancelled()) return sdk::cancelled();
    return sdk::retry("smtp_busy", "no connection became free before the deadline");
  }
  auto tried = attempt(*slot, mail, envelope, patience);
  if (const auto* result = std::get_if<sdk::Result>(&tried)) return *result;
  const Outcome& outcome = std::get<Outcome>(tried);
  count(outcome, mail.text.size());
  sdk::Result result =
      judge(outcome, mail.recipients.size() - envelope.recipients.size(), has_fixed_sender);
  if (result.outcome == OBSERVERD_DELIVERED) {
    taken_.forget(item.delivery_id());
  } else if (!outcome.taken.empty()) {
    taken_.remember(item.delivery_id(), [&](std::set<std::string>& recipients) {
      recipients.insert(outcome.taken.begin(), outcome.taken.end());
    });
  }
  return result;
}

Postman::Slots::Lease Postman::borrow(const common::Patience& patience) {
  constexpr Milliseconds kLook{200};
  while (!patience.is_cancelled() && now() < patience.deadline) {
    auto slot = slots_.borrow(std::min(patience.deadline, now() + kLook));
    if (slot) return slot;
  }
  return {};
}

std::variant<Outcome, sdk::Result> Postman::attempt(Slot& slot, const Mail& mail,
                                                    const Envelope& envelope,
                                                    const common::Patience& patience) {
  while (true) {
    bool is_kept = false;
    if (auto failed = ready(slot, is_kept, patience)) return Outcome{{}, {}, failed, {}, false};
    const Capabilities& offered = slot.connection->capabilities();
    if (mail.needs_utf8 && !offered.utf8) {
      return sdk::rejected("smtp_no_smtputf8",
                           "an address is not ASCII before its @, and the server does not offer"
                           " SMTPUTF8");
    }
    if (offered.most_bytes > 0 && mail.text.size() > offered.most_bytes) {
      return sdk::rejected("smtp_too_large", "the mail has " + std::to_string(mail.text.size()) +
                                                 " bytes, the server takes " +
                                                 std::to_string(offered.most_bytes));
    }
    Outcome outcome = hand_over(*slot.connection, envelope, patience);
    slot.last_use = now();
    if (!outcome.is_connection_good) slot.connection.reset();
    if (!is_kept || !may_repeat(outcome)) return outcome;
  }
}

/// A connection that can be used, in the slot.
std::optional<Failure> Postman::ready(Slot& slot, bool& is_kept, const common::Patience& patience) {
  if (slot.connection != nullptr &&
      (now() - slot.last_use > kMostIdle || slot.connection->is_stale())) {
    slot.connection.reset();
  }
  is_kept = slot.connection != nullptr;
  host_.count("connections_total", 1, {{"use", is_kept ? "kept" : "new"}});
  if (is_kept) return std::nullopt;
  const SteadyTime begin = now();
  auto opened = Connection::open(settings_.server, patience);
  if (auto* failed = std::get_if<Failure>(&opened)) return std::move(*failed);
  slot.connection = std::get<std::unique_ptr<Connection>>(std::move(opened));
  host_.observe("connect_seconds", std::chrono::duration<double>(now() - begin).count());
  return std::nullopt;
}

void Postman::count(const Outcome& outcome, std::size_t bytes) const {
  const auto add = [this](const char* answer, std::size_t number) {
    if (number > 0)
      host_.count("recipients_total", static_cast<double>(number), {{"answer", answer}});
  };
  const auto deferred = static_cast<std::size_t>(
      std::count_if(outcome.refused.begin(), outcome.refused.end(),
                    [](const auto& one) { return one.second.is_transient(); }));
  add("taken", outcome.taken.size());
  add("deferred", deferred);
  add("refused", outcome.refused.size() - deferred);
  if (!outcome.taken.empty()) host_.count("sent_bytes_total", static_cast<double>(bytes));
}

}  // namespace observerd::email
