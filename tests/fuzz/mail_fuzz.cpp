#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.hpp"
#include "email/dkim.hpp"
#include "email/message.hpp"
#include "email/mime_text.hpp"
#include "email/reply.hpp"
#include "email/transaction.hpp"

/// Addresses and mails made of anything: an address is one word of a command, a mail has the
/// headers that it was given and no other, no bare CR or LF, and ends nowhere before its end.
namespace observerd::email {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool has_bare_line_end(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\r\n") {
      ++i;
    } else if (text[i] == '\r' || text[i] == '\n') {
      return true;
    }
  }
  return false;
}

/// What stands outside of quotes in an address that was accepted.
void check_address(const Mailbox& mailbox) {
  const std::string address = mailbox.address();
  bool is_quoted = false;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const auto byte = static_cast<unsigned char>(address[i]);
    require(byte >= 0x20 && byte != 0x7f);
    if (is_quoted && address[i] == '\\') {
      ++i;
    } else if (address[i] == '"') {
      is_quoted = !is_quoted;
    } else if (!is_quoted) {
      require(std::string_view(" <>,;()\\").find(address[i]) == std::string_view::npos);
    }
  }
  require(!is_quoted);
  const auto again = parse_mailbox("name, (with) <all> \"sorts\" <" + address + ">");
  require(again && again->local == mailbox.local && again->domain == mailbox.domain);
}

std::vector<std::string> header_names(std::string_view mail) {
  std::vector<std::string> names;
  std::string_view block = mail.substr(0, mail.find("\r\n\r\n"));
  while (!block.empty()) {
    const std::size_t end = std::min(block.find("\r\n"), block.size());
    const std::string_view line = block.substr(0, end);
    if (!line.starts_with(' ')) names.emplace_back(line.substr(0, line.find(':')));
    require(!trim(line).empty());
    block.remove_prefix(std::min(end + 2, block.size()));
  }
  return names;
}

void check_mail(const Message& message) {
  const std::string mail = compose(message);
  require(!has_bare_line_end(mail));
  std::vector<std::string> expected = {"Date",    "From",         "To",
                                       "Subject", "Message-ID",   "Auto-Submitted",
                                       "X-Value", "MIME-Version", "Content-Type"};
  if (message.attachments.empty() && (message.html.empty() || message.text.empty())) {
    expected.emplace_back("Content-Transfer-Encoding");
  }
  require(header_names(mail) == expected);
  std::size_t line = 0;
  for (const char c : mail) {
    line = c == '\n' ? 0 : line + 1;
    require(line <= 999);  // and the CR
    require(message.needs_utf8() || static_cast<unsigned char>(c) < 0x80);
  }
  const std::string stuffed = dot_stuffed(mail);
  require(stuffed.find("\r\n.\r\n") == stuffed.size() - 5);
  require(relaxed_body(mail).size() <= mail.size() + 2);
}

}  // namespace
}  // namespace observerd::email

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace observerd;
  using namespace observerd::email;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> pieces;
  std::string_view rest = input;
  while (pieces.size() < 6) {
    const std::size_t end = std::min(rest.find('\xff'), rest.size());
    pieces.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const auto mailbox = parse_mailbox(pieces[0]);
  if (mailbox) check_address(*mailbox);
  ReplyReader reader;
  if (reader.add(pieces[1]) && reader.add(pieces[2])) {
    while (const auto reply = reader.take()) {
      require(!reply->text().empty());
      Capabilities::of(*reply);
    }
  }
  Message message;
  message.id = "id";
  message.from = {"Shop", "shop", "example.com"};
  message.to = {mailbox ? *mailbox : Mailbox{"", "a", "b.example"}};
  // The host's texts are UTF-8.
  for (std::string& piece : pieces) {
    if (!is_valid_utf8(piece)) piece.clear();
  }
  if (!mailbox) message.to.front().name = one_line(pieces[0]);
  message.subject = pieces[1];
  message.text = pieces[2];
  message.html = pieces[3];
  message.headers = {{"X-Value", one_line(pieces[4])}};
  if (!pieces[5].empty()) message.attachments = {{pieces[5], "text/plain", pieces[2]}};
  check_mail(message);
  return 0;
}
