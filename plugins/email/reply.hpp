#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace observerd::email {

/// One answer of a server (RFC 5321 section 4.2).
struct Reply {
  int code = 0;
  std::vector<std::string> lines;  ///< what stands after the code in each line, as it came

  bool is_positive() const { return code >= 200 && code < 400; }
  bool is_transient() const { return code >= 400 && code < 500; }
  /// "550 5.1.1 no such user": code and text, at most 300 bytes, fit for a log line.
  std::string text() const;
  /// "5.1.1" (RFC 3463) when the server says it; else "".
  std::string enhanced() const;
};

/// Puts answers together from bytes as they come. Lines that end in a bare LF are taken, as some
/// servers send them. Not thread-safe.
class ReplyReader {
 public:
  /// False once what came is no answer, or one of more than 64 KiB: the connection is then of no
  /// use.
  bool add(std::string_view bytes);
  /// The next complete answer.
  std::optional<Reply> take();
  /// Whether bytes wait that no answer was asked for.
  bool is_empty() const { return buffer_.empty() && reply_.lines.empty() && ready_.empty(); }

 private:
  bool add_line(std::string_view line);

  std::string buffer_;  // of the line under way
  Reply reply_;         // under way
  std::size_t bytes_ = 0;
  std::vector<Reply> ready_;
};

/// What a server offers in its answer to EHLO.
struct Capabilities {
  bool pipelining = false;
  bool eight_bit = false;      ///< 8BITMIME
  bool utf8 = false;           ///< SMTPUTF8
  bool has_size = false;       ///< SIZE
  std::size_t most_bytes = 0;  ///< the largest message it takes; 0 when it does not say

  static Capabilities of(const Reply& hello);
};

}  // namespace observerd::email
