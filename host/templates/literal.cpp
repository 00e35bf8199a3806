#include "templates/literal.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/strings.hpp"
#include "event/path.hpp"
#include "templates/scanner.hpp"

namespace observerd::templates {

Result<json::Value> read_literal(std::string_view text, std::size_t end, std::size_t& at) {
  if (at < end && (text[at] == '"' || text[at] == '\'')) {
    Result<std::string> string = scan_string(text, at, Code::Template);
    if (!string) return string.status();
    return json::Value::string(std::move(*string));
  }
  const std::size_t start = at;
  at = std::min(text.find_first_of(" \t\r\n|:\"'", at), end);
  const std::string_view word = text.substr(start, at - start);
  if (ascii_iequals(word, "true")) return json::Value::boolean(true);
  if (ascii_iequals(word, "false")) return json::Value::boolean(false);
  if (ascii_iequals(word, "null")) return json::Value();
  if (!word.empty() && (word[0] == '-' || (word[0] >= '0' && word[0] <= '9'))) {
    if (Result<json::Value> number = json::parse(word, Code::Template); number) {
      return json::Value::number(number->text());
    }
  }
  return syntax_error(
      text, start,
      word.empty() ? "expected an argument: a quoted string or a number"
                   : "expected a quoted string or a number, found \"" + std::string(word) + "\"");
}

}  // namespace observerd::templates
