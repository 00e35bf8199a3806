#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "support/server_process.hpp"

namespace observerd::testing {

/// A mail server of other people's code on a free port of 127.0.0.1: one of the programs of
/// tests/receivers, with its options as they describe them.
class MailServer {
 public:
  enum class Kind : unsigned char { Aiosmtpd, SmtpServer };

  /// "" or what is missing for it, for a test to skip with.
  static std::string missing(Kind kind);
  /// Throws when it does not come up.
  MailServer(Kind kind, const json::Value& options);

  int port() const { return process_.port(); }
  /// As ServerProcess does.
  void kill() { process_.kill(); }
  void restart() { process_.restart(); }
  /// The messages that it has taken, as it tells of them.
  std::vector<json::Value> mails() const { return lines_with("octets"); }
  /// Whatever else it has said that has such a member.
  std::vector<json::Value> lines_with(const std::string& member) const;

 private:
  ServerProcess process_;
};

/// The octets of a message that a MailServer tells of.
std::string octets_of(const json::Value& mail);

}  // namespace observerd::testing
