#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "email/connection.hpp"

namespace observerd::email {

/// What goes over the wire, and for whom. Addresses are those of Mailbox::address().
struct Envelope {
  std::string sender;  ///< "" for the null sender
  std::vector<std::string> recipients;
  std::string_view message;  ///< with CRLF line ends
  bool needs_utf8 = false;
};

/// What became of a message at a server. A recipient is in `taken`, in `refused`, or nothing was
/// settled about it, which `failure` explains.
struct Outcome {
  std::vector<std::string> taken;
  std::map<std::string, Reply> refused;
  std::optional<Failure> failure;
  std::string last_answer;         ///< to the message: often the server's own id of it
  bool is_connection_good = true;  ///< whether it may be used again
};

/// Hands a message over (RFC 5321 section 3.3). Sender and recipients go in one piece where the
/// server takes that (PIPELINING), the message follows if any recipient was taken. Recipients
/// beyond what the server takes at a time (452 4.5.3 or 552 after some were taken,
/// section 4.5.3.1.10) get a mail transaction of their own at once.
Outcome hand_over(Connection& connection, const Envelope& envelope,
                  const common::Patience& patience);

/// The message as it stands between DATA and its end: lines that begin with a dot get one more
/// (section 4.5.2), and the final dot is there.
std::string dot_stuffed(std::string_view message);

}  // namespace observerd::email
