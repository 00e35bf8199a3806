#include "email/transaction.hpp"

#include <algorithm>
#include <utility>

namespace observerd::email {
namespace {

/// One mail transaction, from MAIL to the answer to the message.
class Transaction {
 public:
  Transaction(Connection& connection, const Envelope& envelope, const common::Patience& patience,
              Outcome& outcome)
      : connection_(connection), envelope_(envelope), patience_(patience), outcome_(outcome) {}

  /// Returns the recipients that want a transaction of their own.
  std::vector<std::string> run(const std::vector<std::string>& recipients) {
    std::vector<std::string> accepted;
    std::vector<std::string> postponed;
    if (!name_all(recipients, accepted, postponed)) return {};
    if (accepted.empty()) {
      reset();
      return {};
    }
    if (!hand_over_message()) return {};
    for (std::string& recipient : accepted) outcome_.taken.push_back(std::move(recipient));
    return postponed;
  }

 private:
  std::string sender_command() const {
    std::string command = "MAIL FROM:<" + envelope_.sender + ">";
    const Capabilities& offered = connection_.capabilities();
    if (offered.has_size) command += " SIZE=" + std::to_string(envelope_.message.size());
    if (envelope_.needs_utf8)
      command += offered.eight_bit ? " BODY=8BITMIME SMTPUTF8" : " SMTPUTF8";
    return command + "\r\n";
  }

  /// Sender and recipients; false when that failed as a whole.
  bool name_all(const std::vector<std::string>& recipients, std::vector<std::string>& accepted,
                std::vector<std::string>& postponed) {
    const bool is_pipelined = connection_.capabilities().pipelining;
    std::string commands = sender_command();
    if (is_pipelined) {
      for (const std::string& recipient : recipients) commands += "RCPT TO:<" + recipient + ">\r\n";
    }
    if (!send(commands, Stage::Mail)) return false;
    const auto sender = receive(Stage::Mail);
    if (!sender) return false;
    const bool is_refused = !sender->is_positive();
    if (is_refused) refuse(Stage::Mail, *sender);
    if (is_refused && (!is_pipelined || !outcome_.is_connection_good)) return false;
    for (const std::string& recipient : recipients) {
      if (!is_pipelined && !send("RCPT TO:<" + recipient + ">\r\n", Stage::Recipient)) return false;
      auto answer = receive(Stage::Recipient);
      if (!answer) return false;
      if (is_refused) continue;  // "503 MAIL first" to each of them says nothing more
      if (answer->code == 421) {
        refuse(Stage::Recipient, *answer);
        return false;
      }
      if (answer->is_positive()) {
        accepted.push_back(recipient);
      } else if (!accepted.empty() && is_too_many(*answer)) {
        postponed.push_back(recipient);
      } else {
        outcome_.refused[recipient] = *std::move(answer);
      }
    }
    if (is_refused) reset();
    return !is_refused;
  }

  static bool is_too_many(const Reply& answer) {
    const std::string status = answer.enhanced();
    return status.ends_with(".5.3") ||
           (status.empty() && (answer.code == 452 || answer.code == 552));
  }

  bool hand_over_message() {
    if (!send("DATA\r\n", Stage::Data)) return false;
    const auto go_on = receive(Stage::Data);
    if (!go_on) return false;
    if (go_on->code != 354) {
      refuse(Stage::Data, *go_on);
      // 2xx to DATA is no SMTP: who knows what the server waits for.
      if (go_on->code < 400) outcome_.is_connection_good = false;
      if (outcome_.is_connection_good) reset();
      return false;
    }
    if (!send_message()) return false;
    const auto answer = receive(Stage::Final);
    if (!answer) return false;
    if (answer->code < 200 || answer->code > 299) {
      refuse(Stage::Final, *answer);
      return false;
    }
    outcome_.last_answer = answer->text();
    return true;
  }

  bool send_message() {
    auto failed = connection_.send(dot_stuffed(envelope_.message), patience_);
    if (!failed) return true;
    // A server that does not want the rest says so before it closes the connection.
    if (failed->error == common::HttpError::Reset) {
      auto answer = connection_.receive(patience_);
      if (const auto* reply = std::get_if<Reply>(&answer)) failed->reply = *reply;
    }
    fail(Stage::Data, *std::move(failed));
    return false;
  }

  /// Ends the transaction, so that the connection is fit for another.
  void reset() {
    if (!outcome_.is_connection_good) return;
    const auto failed = connection_.send("RSET\r\n", patience_);
    outcome_.is_connection_good =
        !failed && std::holds_alternative<Reply>(connection_.receive(patience_));
  }

  bool send(std::string_view commands, Stage stage) {
    auto failed = connection_.send(commands, patience_);
    if (!failed) return true;
    fail(stage, *std::move(failed));
    return false;
  }

  std::optional<Reply> receive(Stage stage) {
    auto received = connection_.receive(patience_);
    if (auto* failed = std::get_if<Failure>(&received)) {
      fail(stage, std::move(*failed));
      return std::nullopt;
    }
    return std::get<Reply>(std::move(received));
  }

  void fail(Stage stage, Failure failure) {
    outcome_.is_connection_good = false;
    if (outcome_.failure) return;  // a refusal before says more
    failure.stage = stage;
    outcome_.failure = std::move(failure);
  }

  void refuse(Stage stage, const Reply& reply) {
    Failure failure;
    failure.stage = stage;
    failure.reply = reply;
    outcome_.failure = std::move(failure);
    if (reply.code == 421) outcome_.is_connection_good = false;  // and closes (section 3.8)
  }

  Connection& connection_;
  const Envelope& envelope_;
  const common::Patience& patience_;
  Outcome& outcome_;
};

}  // namespace

std::string dot_stuffed(std::string_view message) {
  std::string out;
  out.reserve(message.size() + message.size() / 64 + 5);
  bool is_line_start = true;
  for (const char c : message) {
    if (is_line_start && c == '.') out += '.';
    out += c;
    is_line_start = c == '\n';
  }
  if (!message.ends_with("\r\n")) out += "\r\n";
  return out + ".\r\n";
}

Outcome hand_over(Connection& connection, const Envelope& envelope,
                  const common::Patience& patience) {
  Outcome outcome;
  std::vector<std::string> pending = envelope.recipients;
  // Each round takes one recipient at least, or leaves none pending.
  while (!pending.empty() && !outcome.failure && outcome.is_connection_good) {
    pending = Transaction(connection, envelope, patience, outcome).run(pending);
  }
  return outcome;
}

}  // namespace observerd::email
