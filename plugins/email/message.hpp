#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "common/headers.hpp"
#include "email/address.hpp"

namespace observerd::email {

struct Attachment {
  std::string name;
  std::string type;  ///< "application/pdf", "text/csv; charset=utf-8"
  std::string content;
};

/// What one mail says and to whom. A plain value; texts are UTF-8.
struct Message {
  std::string id;  ///< of the delivery: makes Message-ID and the boundaries
  WallTime date;
  Mailbox from;
  std::vector<Mailbox> to, cc, bcc, reply_to;
  std::string subject;
  std::string text;  ///< "" for none; without html as well the mail has an empty text
  std::string html;  ///< "" for none
  common::Headers headers;
  std::vector<Attachment> attachments;

  /// Whether any mailbox needs a server with SMTPUTF8; the headers then hold UTF-8.
  bool needs_utf8() const;
};

/// The mail as RFC 5322 and MIME have it: CRLF line ends and no bare CR or LF, lines of at most 998
/// bytes, ASCII but for the headers of a message that needs SMTPUTF8. text and html are
/// alternatives (multipart/alternative), attachments stand beside them (multipart/mixed). The same
/// message gives the same bytes: boundaries come from the id, and as "=_" is neither in base64 nor
/// in quoted-printable, and 7bit texts are searched for them, no part can hold one. Bcc is not
/// written.
std::string compose(const Message& message);

/// "<ID@DOMAIN>", the same for all attempts of a delivery: what receivers know duplicates by.
std::string message_id(const Message& message);

/// Headers that compose() writes itself, or that only servers may: no setting can name them.
bool is_own_header(std::string_view name);

/// "Sat, 31 Jan 2026 12:00:00 +0000" (RFC 5322 section 3.3), in UTC.
std::string mail_date(WallTime time);

}  // namespace observerd::email
