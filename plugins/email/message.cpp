#include "email/message.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "base/strings.hpp"
#include "email/mime_text.hpp"

namespace observerd::email {
namespace {

/// A MIME entity: headers that begin with Content-, and its body.
struct Part {
  std::string headers;
  std::string body;
};

Part text_part(std::string_view type, std::string_view text) {
  EncodedText encoded = encode_text(text);
  return {"Content-Type: " + std::string(type) + "; charset=utf-8\r\nContent-Transfer-Encoding: " +
              std::string(encoded.encoding) + "\r\n",
          std::move(encoded.body)};
}

Part attachment_part(const Attachment& attachment) {
  std::string name = one_line(attachment.name);
  // A receiver must not be led out of the directory that it saves to.
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '/' || c == '\\'; }, '_');
  return {"Content-Type: " + attachment.type + parameter("name", name) +
              "\r\nContent-Disposition: attachment" + parameter("filename", name) +
              "\r\nContent-Transfer-Encoding: base64\r\n",
          base64_lines(attachment.content)};
}

Part multipart(std::string_view kind, std::string boundary, const std::vector<Part>& parts) {
  // Encoded bodies cannot hold "=_"; plain ones are looked at.
  const auto is_taken = [&](const Part& part) {
    return part.body.find(boundary) != std::string::npos;
  };
  while (std::any_of(parts.begin(), parts.end(), is_taken)) boundary += "_";
  Part whole;
  whole.headers =
      "Content-Type: multipart/" + std::string(kind) + ";\r\n boundary=\"" + boundary + "\"\r\n";
  for (const Part& part : parts) {
    // The line end before a boundary is the boundary's own (RFC 2046 section 5.1.1).
    whole.body += "--" + boundary + "\r\n" + part.headers + "\r\n" + part.body + "\r\n";
  }
  whole.body += "--" + boundary + "--\r\n";
  return whole;
}

Part body_of(const Message& message) {
  Part part = text_part("text/plain", message.text);
  if (!message.html.empty()) {
    Part html = text_part("text/html", message.html);
    part = message.text.empty() ? std::move(html)
                                : multipart("alternative", "=_a_" + message.id, {part, html});
  }
  if (message.attachments.empty()) return part;
  std::vector<Part> parts{std::move(part)};
  for (const Attachment& attachment : message.attachments) {
    parts.push_back(attachment_part(attachment));
  }
  return multipart("mixed", "=_m_" + message.id, parts);
}

std::string mailbox_text(const Mailbox& mailbox, bool utf8) {
  if (mailbox.name.empty()) return mailbox.address();
  return phrase(mailbox.name, utf8) + " <" + mailbox.address() + ">";
}

std::string mailbox_header(std::string_view name, const std::vector<Mailbox>& mailboxes,
                           bool utf8) {
  if (mailboxes.empty()) return {};
  std::string out = std::string(name) + ": ";
  for (std::size_t i = 0; i < mailboxes.size(); ++i) {
    if (i > 0) out += ",\r\n ";
    out += mailbox_text(mailboxes[i], utf8);
  }
  return out + "\r\n";
}

bool any_needs_utf8(const std::vector<Mailbox>& mailboxes) {
  return std::any_of(mailboxes.begin(), mailboxes.end(),
                     [](const Mailbox& mailbox) { return mailbox.needs_utf8(); });
}

}  // namespace

bool Message::needs_utf8() const {
  return from.needs_utf8() || any_needs_utf8(to) || any_needs_utf8(cc) || any_needs_utf8(bcc) ||
         any_needs_utf8(reply_to);
}

std::string mail_date(WallTime time) {
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 64> text;
  // Not strftime: its names are those of the process's locale.
  std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d +0000",
                kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                kMonths[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour,
                utc.tm_min, utc.tm_sec);
  return text.data();
}

std::string message_id(const Message& message) {
  return "<" + message.id + "@" + message.from.domain + ">";
}

bool is_own_header(std::string_view name) {
  constexpr std::array<std::string_view, 14> kOwn{
      "from",           "sender",      "to",   "cc",          "bcc",      "reply-to",
      "subject",        "message-id",  "date", "return-path", "received", "mime-version",
      "dkim-signature", "delivered-to"};
  if (ascii_lower(name.substr(0, 8)) == "content-") return true;
  return std::any_of(kOwn.begin(), kOwn.end(),
                     [&](std::string_view own) { return ascii_iequals(name, own); });
}

std::string compose(const Message& message) {
  const bool utf8 = message.needs_utf8();
  Part body = body_of(message);
  std::string out = "Date: " + mail_date(message.date) + "\r\n" +
                    mailbox_header("From", {message.from}, utf8) +
                    mailbox_header("Reply-To", message.reply_to, utf8) +
                    mailbox_header("To", message.to, utf8) + mailbox_header("Cc", message.cc, utf8);
  if (message.to.empty() && message.cc.empty()) out += "To: undisclosed-recipients:;\r\n";
  out += text_header("Subject", message.subject, utf8);
  out += "Message-ID: " + message_id(message) + "\r\n";
  // RFC 3834: no answers from other programs, unless a setting says otherwise.
  if (common::find_header(message.headers, "Auto-Submitted") == nullptr) {
    out += "Auto-Submitted: auto-generated\r\n";
  }
  for (const auto& [name, value] : message.headers) out += text_header(name, value, utf8);
  return out + "MIME-Version: 1.0\r\n" + body.headers + "\r\n" + body.body;
}

}  // namespace observerd::email
