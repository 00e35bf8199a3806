#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"

namespace observerd::condition {

/// A pattern of SQL's LIKE: % stands for any characters, _ for one (a code point), a backslash
/// takes the next character as it is. A plain value; safe to match from many threads.
class LikePattern {
 public:
  /// OB003 when the pattern ends with a lone backslash.
  static Result<LikePattern> compile(std::string_view pattern);

  /// Takes time in proportion to text times pattern at the very worst; nothing is allocated.
  bool matches(std::string_view text) const;
  const std::string& text() const { return text_; }

 private:
  /// What stands between two %: pieces of text with one _ between each two of them.
  struct Segment {
    std::vector<std::string> pieces{std::string()};
    std::size_t code_points = 0;
    /// The byte behind a match at `at`, or npos.
    std::size_t match_at(std::string_view text, std::size_t at) const;
  };

  std::string text_;
  std::vector<Segment> segments_;  ///< one more than there are %
};

}  // namespace observerd::condition
