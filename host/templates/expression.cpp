#include "templates/expression.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "templates/filters.hpp"
#include "templates/literal.hpp"
#include "templates/scanner.hpp"

namespace observerd::templates {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Reads one tag from left to right. Offsets are those of the whole template.
class Reader {
 public:
  Reader(std::string_view text, std::string_view content)
      : text_(text),
        at_(static_cast<std::size_t>(content.data() - text.data())),
        end_(at_ + content.size()) {}

  Result<Expression> expression() {
    Result<Reference> named = reference();
    if (!named) return named.status();
    Expression out;
    out.reference = std::move(*named);
    while (at_ < end_) {
      ++at_;  // the bar
      if (out.filters.size() == kMaxFilters) {
        return error(at_ - 1, "a value takes at most " + std::to_string(kMaxFilters) + " filters");
      }
      Result<Filter> next = filter();
      if (!next) return next.status();
      out.filters.push_back(std::move(*next));
    }
    return out;
  }

  Result<Reference> section_name() {
    Result<Reference> named = reference();
    if (named && at_ < end_) return error(at_, "a section takes a path only, no filters");
    return named;
  }

 private:
  Status error(std::size_t offset, std::string message) const {
    return syntax_error(text_, offset, std::move(message));
  }

  void skip_space() {
    while (at_ < end_ && is_space(text_[at_])) ++at_;
  }

  /// Reads up to the first bar or the end.
  Result<Reference> reference() {
    skip_space();
    const std::size_t start = at_;
    std::size_t open_quote = 0;
    const std::string_view content = text_.substr(0, end_);
    at_ = std::min(find_unquoted(content, start, "|", open_quote), end_);
    const std::string_view name = trim(text_.substr(start, at_ - start));
    if (name.empty()) return error(start, "expected a path, found " + found(start));

    Reference out;
    out.text = name;
    if (name == ".") out.source = Reference::Source::Current;
    if (name == "observer.name") out.source = Reference::Source::ObserverName;
    if (name == "delivery.id") out.source = Reference::Source::DeliveryId;
    if (name == "attempt") out.source = Reference::Source::Attempt;
    if (out.source != Reference::Source::Path) return out;

    Result<FieldPath> path = parse_path(name, Code::Template);
    if (!path) return path_error(path.status(), name, start);
    out.path = std::move(*path);
    return out;
  }

  /// Moves the error of a path to its place in the template, and helps those who come from another
  /// template language.
  Status path_error(const Status& status, std::string_view name, std::size_t start) const {
    const int column = std::max(status.place().column, 1);
    const std::size_t offset = start + std::min(static_cast<std::size_t>(column - 1), name.size());
    Status out = error(offset, status.message());
    const std::string_view word = name.substr(0, name.find_first_of(" \t\r\n"));
    if (word.size() < name.size() && (word == "if" || word == "each" || word == "with")) {
      return out.note("a section takes the path alone: {{#path}}…{{/path}}");
    }
    if (word.size() < name.size() && word == "unless") {
      return out.note("an inverted section takes the path alone: {{^path}}…{{/path}}");
    }
    if (name == "else") return out.note("the other case is an inverted section: {{^path}}");
    const std::string_view callee = name.substr(0, name.find('('));
    if (callee.size() < name.size() && find_filter(callee) != nullptr) {
      return out.note("a filter stands behind the path: {{ path | " + std::string(callee) + " }}");
    }
    return out;
  }

  Result<Filter> filter() {
    skip_space();
    const std::size_t start = at_;
    while (at_ < end_ && is_word(text_[at_])) ++at_;
    const std::string_view name = text_.substr(start, at_ - start);
    if (name.empty()) return error(start, "expected the name of a filter, found " + found(start));
    const FilterRule* rule = find_filter(name);
    if (rule == nullptr) {
      return error(start, "there is no filter \"" + std::string(name) + "\"" +
                              did_you_mean(name, filter_names()))
          .note("filters: " + join(filter_names(), ", "));
    }

    skip_space();
    std::optional<json::Value> argument;
    std::size_t argument_at = at_;
    if (at_ < end_ && text_[at_] == ':') {
      ++at_;
      skip_space();
      argument_at = at_;
      Result<json::Value> literal = read_literal(text_, end_, at_);
      if (!literal) return literal.status();
      argument = std::move(*literal);
      skip_space();
    }
    if (at_ < end_ && text_[at_] != '|') {
      return error(at_, "expected \"|\" or the end of the tag, found " + found(at_));
    }
    Filter out;
    if (const std::string problem = rule->accept(argument, out); !problem.empty()) {
      return error(argument_at, problem);
    }
    return out;
  }

  std::string found(std::size_t offset) const {
    while (offset < end_ && is_space(text_[offset])) ++offset;
    if (offset >= end_) return "the end of the tag";
    std::size_t length = 1;  // a whole code point
    while (offset + length < end_ &&
           (static_cast<unsigned char>(text_[offset + length]) & 0xC0) == 0x80) {
      ++length;
    }
    return "\"" + std::string(text_.substr(offset, length)) + "\"";
  }

  std::string_view text_;
  std::size_t at_;
  std::size_t end_;
};

}  // namespace

Result<Expression> parse_expression(std::string_view text, std::string_view content) {
  return Reader(text, content).expression();
}

Result<Reference> parse_section_name(std::string_view text, std::string_view content) {
  return Reader(text, content).section_name();
}

}  // namespace observerd::templates
