#include "base/json.hpp"

#include "base/rapidjson.hpp"
#include "base/strings.hpp"

/// Reading.
namespace observerd::json {
namespace {

/// A memory stream that lets the handler see where the current value ends.
class Stream : public rapidjson::MemoryStream {
 public:
  explicit Stream(std::string_view text) : MemoryStream(text.data(), text.size()) {}
};

/// Builds the tree from RapidJSON's events. Origins are the end of scalars minus their length where
/// that is exact, else the byte where the event was raised; good enough to name line and column.
class Builder {
 public:
  Builder(const Stream& stream, std::string_view text, const ParseOptions& options)
      : stream_(stream), text_(text), options_(options) {}

  bool Null() { return add(Value(), 4); }
  bool Bool(bool value) { return add(Value::boolean(value), value ? 4 : 5); }
  bool RawNumber(const char*, rapidjson::SizeType length, bool) {
    // From the caller's text: what RapidJSON reads may be a stand-in, see tame_numbers.
    const std::size_t start = stream_.Tell() - length;
    return add_at(Value::number(std::string(text_.substr(start, length))), start);
  }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    const std::size_t start = string_start();
    return is_text({text, length}, start) &&
           add_at(Value::string(std::string(text, length)), start);
  }
  bool StartObject() { return open(Value::object()); }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    key_ = std::string(text, length);
    key_offset_ = string_start();
    if (!is_text(key_, key_offset_)) return false;
    if (options_.reject_duplicates && stack_.back()->find(key_) != nullptr) {
      return fail("the member \"" + key_ + "\" is there twice in one object", key_offset_);
    }
    return true;
  }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool StartArray() { return open(Value::array()); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  // Never raised: numbers come as RawNumber.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  Value take() { return std::move(root_); }
  const std::string& error() const { return error_; }
  std::size_t error_offset() const { return error_offset_; }

 private:
  /// The opening quote of the string that has just been read (the stream stands behind it).
  std::size_t string_start() const {
    std::size_t at = stream_.Tell();
    if (at > 0) --at;  // the closing quote
    while (at > 0) {
      --at;
      if (text_[at] != '"') continue;
      std::size_t backslashes = 0;
      while (backslashes < at && text_[at - 1 - backslashes] == '\\') ++backslashes;
      if (backslashes % 2 == 0) return at;
    }
    return 0;
  }

  /// RapidJSON lets \uDC00 pass by itself, which is no character and cannot be written as UTF-8.
  /// The input is UTF-8, so only that can make a string which is not.
  bool is_text(std::string_view text, std::size_t offset) {
    return text.find('\xED') == std::string_view::npos || is_valid_utf8(text) ||
           fail("not valid JSON: half of a surrogate pair is no character", offset);
  }

  bool add(Value value, std::size_t length) {
    const std::size_t end = stream_.Tell();
    return add_at(std::move(value), end >= length ? end - length : 0);
  }

  bool add_at(Value value, std::size_t offset) {
    value.set_origin({options_.source, static_cast<std::uint32_t>(offset)});
    place(std::move(value));
    return true;
  }

  bool open(Value value) {
    if (static_cast<int>(stack_.size()) >= options_.max_depth) {
      return fail("nested deeper than " + std::to_string(options_.max_depth) + " levels",
                  stream_.Tell());
    }
    // The iterative parser raises this before it takes the bracket.
    value.set_origin({options_.source, static_cast<std::uint32_t>(stream_.Tell())});
    stack_.push_back(&place(std::move(value)));
    return true;
  }

  bool close() {
    stack_.pop_back();
    return true;
  }

  /// Pointers into the tree stay valid: only the container on top of the stack grows, and what it
  /// holds is finished by then.
  Value& place(Value value) {
    if (stack_.empty()) return root_ = std::move(value);
    Value& top = *stack_.back();
    if (top.is_array()) {
      top.push_back(std::move(value));
      return top.items().back();
    }
    top.members().emplace_back(std::move(key_), std::move(value));
    return top.members().back().second;
  }

  bool fail(std::string message, std::size_t offset) {
    error_ = std::move(message);
    error_offset_ = offset;
    return false;
  }

  const Stream& stream_;
  std::string_view text_;
  const ParseOptions& options_;
  Value root_;
  std::vector<Value*> stack_;
  std::string key_;
  std::size_t key_offset_ = 0;
  std::string error_;
  std::size_t error_offset_ = 0;
};

Status parse_error(std::string_view text, Code code, std::size_t offset, std::string message) {
  const LineColumn where = line_column(text, offset);
  Place place;
  place.line = where.line;
  place.column = where.column;
  return Status::error(code, std::move(message)).at(place).note(caret_snippet(text, offset));
}

std::string sentence(rapidjson::ParseErrorCode error) {
  std::string text = rapidjson::GetParseError_En(error);
  if (!text.empty() && text.back() == '.') text.pop_back();
  return "not valid JSON: " + text;
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at;
}

/// The end of the JSON number (RFC 8259 section 6) that starts at `at`, or `at` when none does.
std::size_t number_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  if (end < text.size() && text[end] == '-') ++end;
  const std::size_t whole = end;
  end = skip_digits(text, end);
  if (end == whole || (text[whole] == '0' && end > whole + 1)) return at;
  if (end < text.size() && text[end] == '.') {
    const std::size_t fraction = end + 1;
    end = skip_digits(text, fraction);
    if (end == fraction) return at;
  }
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    std::size_t exponent = end + 1;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
    end = skip_digits(text, exponent);
    if (end == exponent) return at;
  }
  return end;
}

/// RapidJSON refuses numbers beyond the range of double even when it is asked for their text. So
/// each number that could be too big gets a stand-in of the same length, "1e000…": offsets stay
/// true, what must not follow a number still must not, and the builder takes the digits from the
/// caller's text.
std::string tame_numbers(std::string_view text) {
  std::string out(text);
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') {
        ++at;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      const std::size_t end = number_end(text, at);
      if (end - at >= 5) {  // "1e309" is the shortest that is too big
        std::fill(out.begin() + static_cast<std::ptrdiff_t>(at),
                  out.begin() + static_cast<std::ptrdiff_t>(end), '0');
        out[at] = '1';
        out[at + 1] = 'e';
      }
      if (end > at) at = end - 1;
    }
  }
  return out;
}

template <unsigned Flags>
rapidjson::ParseResult run(Stream& stream, Builder& builder) {
  rapidjson::Reader reader;
  return reader.Parse<Flags>(stream, builder);
}

/// Reads `tamed`, which differs from `text` in the digits of numbers at most.
Result<Value> parse_as(std::string_view tamed, std::string_view text, Code code,
                       const ParseOptions& options) {
  Stream stream(tamed);
  Builder builder(stream, text, options);
  constexpr unsigned kPlain =
      rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  const rapidjson::ParseResult result =
      options.comments
          ? run<kPlain | rapidjson::kParseCommentsFlag | rapidjson::kParseTrailingCommasFlag>(
                stream, builder)
          : run<kPlain>(stream, builder);
  if (!builder.error().empty()) {
    return parse_error(text, code, builder.error_offset(), builder.error());
  }
  if (result.Code() == rapidjson::kParseErrorNumberTooBig && tamed.data() == text.data()) {
    return parse_as(tame_numbers(text), text, code, options);
  }
  if (result.IsError()) return parse_error(text, code, result.Offset(), sentence(result.Code()));
  // To RapidJSON a zero byte is the end.
  if (stream.Tell() < tamed.size()) {
    return parse_error(text, code, stream.Tell(), "not valid JSON: a zero byte after the value");
  }
  return builder.take();
}

}  // namespace

Result<Value> parse(std::string_view text, Code code, const ParseOptions& options) {
  if (!is_valid_utf8(text)) return Status::error(code, "not valid JSON: the text is not UTF-8");
  return parse_as(text, text, code, options);
}

}  // namespace observerd::json
