#include "condition/like.hpp"

#include "condition/unicode.hpp"

namespace observerd::condition {

Result<LikePattern> LikePattern::compile(std::string_view pattern) {
  LikePattern out;
  out.text_ = pattern;
  out.segments_.emplace_back();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    Segment& segment = out.segments_.back();
    if (pattern[i] == '%') {
      out.segments_.emplace_back();
    } else if (pattern[i] == '_') {
      segment.pieces.emplace_back();
      ++segment.code_points;
    } else {
      if (pattern[i] == '\\' && ++i == pattern.size()) {
        return Status::error(Code::ConditionSyntax,
                             "the pattern ends with a backslash, which escapes nothing");
      }
      segment.pieces.back() += pattern[i];
      if (!is_continuation_byte(pattern[i])) ++segment.code_points;
    }
  }
  return out;
}

std::size_t LikePattern::Segment::match_at(std::string_view text, std::size_t at) const {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i > 0) {
      if (at == text.size()) return std::string_view::npos;
      at = next_code_point(text, at);
    }
    if (text.compare(at, pieces[i].size(), pieces[i]) != 0) return std::string_view::npos;
    at += pieces[i].size();
  }
  return at;
}

bool LikePattern::matches(std::string_view text) const {
  std::size_t at = segments_.front().match_at(text, 0);
  if (at == std::string_view::npos) return false;
  if (segments_.size() == 1) return at == text.size();
  // In between each segment takes the first place where it fits: later ones only gain by that.
  for (std::size_t i = 1; i + 1 < segments_.size(); ++i) {
    std::size_t end = segments_[i].match_at(text, at);
    while (end == std::string_view::npos) {
      if (at == text.size()) return false;
      at = next_code_point(text, at);
      end = segments_[i].match_at(text, at);
    }
    at = end;
  }
  // The last one stands at the end.
  std::size_t start = text.size();
  for (std::size_t i = 0; i < segments_.back().code_points; ++i) {
    if (start <= at) return false;
    do {
      --start;
    } while (start > at && is_continuation_byte(text[start]));
  }
  return segments_.back().match_at(text, start) == text.size();
}

}  // namespace observerd::condition
