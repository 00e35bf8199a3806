#pragma once

#include <string>
#include <string_view>

/// The encodings that mail is made of. Pure functions; what they give is ASCII with CRLF line ends,
/// unless `utf8_headers` says otherwise.
namespace observerd::email {

bool is_ascii(std::string_view text);

/// In quotes, with a backslash before quotes and backslashes (RFC 5322 section 3.2.4).
std::string quoted_string(std::string_view text);

/// Every CR, LF and CRLF as CRLF: no bare one is left (RFC 5322 section 2.3).
std::string with_crlf(std::string_view text);

/// Runs of white space and control characters as one space, none at the ends: what a header's value
/// may hold.
std::string one_line(std::string_view text);

/// A phrase before an address (RFC 5322 section 3.2.5): as it is, quoted, or, also where it is
/// long, as encoded words.
std::string phrase(std::string_view text, bool utf8_headers);

/// "Name: value" and CRLF, folded at spaces to lines of 78 characters where that goes. What is not
/// ASCII, looks like an encoded word or has a word too long for a line (998) becomes encoded words
/// (RFC 2047), unless `utf8_headers` (RFC 6532) keeps it.
std::string text_header(std::string_view name, std::string_view value, bool utf8_headers);

/// "; name=value" for a Content-… header: quoted, or extended by RFC 2231 on lines of its own.
std::string parameter(std::string_view name, std::string_view value);

/// Base64 in lines of 76 characters (RFC 2045 section 6.8).
std::string base64_lines(std::string_view bytes);

/// A text's own transfer encoding and what it is then: "7bit", "quoted-printable" or "base64",
/// whichever is shortest and safe. Line ends are made CRLF first.
struct EncodedText {
  std::string_view encoding;
  std::string body;
};
EncodedText encode_text(std::string_view text);

}  // namespace observerd::email
