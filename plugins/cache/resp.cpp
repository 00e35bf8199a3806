#include "cache/resp.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace observerd::cache {
namespace {

constexpr std::size_t kMostLineBytes = 64 * 1024;

/// What is left of the bounds while a reply is read.
class Reading {
 public:
  Reading(WireReader& reader, const ReplyBounds& bounds)
      : reader_(reader), bytes_(bounds.bytes), values_(bounds.values) {}

  std::optional<Reply> value(int depth);

 private:
  std::optional<Reply> text(std::string_view digits);
  std::optional<Reply> list(std::string_view digits, int depth);
  std::optional<std::int64_t> number(std::string_view digits);

  WireReader& reader_;
  std::size_t bytes_;
  std::size_t values_;
};

std::optional<std::int64_t> Reading::number(std::string_view digits) {
  std::int64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || at != end) return reader_.malformed();
  return value;
}

std::optional<Reply> Reading::text(std::string_view digits) {
  const auto size = number(digits);
  if (!size) return std::nullopt;
  Reply reply;
  if (*size == -1) return reply;
  if (*size < 0 || static_cast<std::uint64_t>(*size) > bytes_) return reader_.malformed();
  bytes_ -= static_cast<std::size_t>(*size);
  auto block = reader_.block(static_cast<std::size_t>(*size));
  if (!block) return std::nullopt;
  reply.type = Reply::Type::Text;
  reply.text = *std::move(block);
  return reply;
}

std::optional<Reply> Reading::list(std::string_view digits, int depth) {
  const auto count = number(digits);
  if (!count) return std::nullopt;
  Reply reply;
  if (*count == -1) return reply;
  if (*count < 0 || static_cast<std::uint64_t>(*count) > values_ || depth <= 0) {
    return reader_.malformed();
  }
  reply.type = Reply::Type::List;
  for (std::int64_t i = 0; i < *count; ++i) {
    auto item = value(depth - 1);
    if (!item) return std::nullopt;
    reply.items.push_back(*std::move(item));
  }
  return reply;
}

std::optional<Reply> Reading::value(int depth) {
  if (values_ == 0) return reader_.malformed();
  --values_;
  const auto line = reader_.line(std::min(kMostLineBytes, bytes_));
  if (!line) return std::nullopt;
  if (line->empty()) return reader_.malformed();
  const std::string_view rest = line->substr(1);
  Reply reply;
  switch (line->front()) {
    case '+':
    case '-':
      reply.type = line->front() == '+' ? Reply::Type::Status : Reply::Type::Error;
      reply.text = rest;
      bytes_ -= rest.size();
      return reply;
    case ':': {
      const auto parsed = number(rest);
      if (!parsed) return std::nullopt;
      reply.type = Reply::Type::Integer;
      reply.number = *parsed;
      return reply;
    }
    case '$':
      return text(rest);
    case '*':
      return list(rest, depth);
    default:
      return reader_.malformed();
  }
}

void append_head(std::string& out, char kind, std::size_t number) {
  std::array<char, 24> text{};
  text[0] = kind;
  char* end = std::to_chars(text.data() + 1, text.data() + 22, number).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append(text.data(), end);
}

bool is_plain(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\'' && c != '\\';
  });
}

void quote_word(std::string& out, std::string_view word) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7f) {
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

std::optional<Reply> read_reply(WireReader& reader, const ReplyBounds& bounds) {
  return Reading(reader, bounds).value(bounds.depth);
}

void encode_command(std::string& out, const std::vector<std::string>& words) {
  append_head(out, '*', words.size());
  for (const std::string& word : words) {
    append_head(out, '$', word.size());
    out += word;
    out += "\r\n";
  }
}

std::string command_text(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    if (is_plain(word)) {
      text += word;
    } else {
      quote_word(text, word);
    }
  }
  return text;
}

}  // namespace observerd::cache
