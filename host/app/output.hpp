#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace observerd::app {

/// A plain text table: columns as wide as their widest cell (code points), two spaces between, no
/// lines, so that it is easy to read and easy to cut.
class Table {
 public:
  explicit Table(std::vector<std::string> headers) : headers_(std::move(headers)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  void print(std::ostream& out) const;

 private:
  std::vector<std::string> headers_;
  std::vector<std::vector<std::string>> rows_;
};

/// One line, control characters and line breaks as spaces, cut to `most` code points.
std::string shorten(const std::string& text, std::size_t most);

/// The answer of a --json command: pretty, with a newline at the end.
void print_json(std::ostream& out, const json::Value& value);

/// {"name": string, …} without the trouble; an empty string becomes null.
json::Value text_or_null(const std::string& text);

}  // namespace observerd::app
