#include "event/path.hpp"

#include <algorithm>
#include <array>

#include "base/strings.hpp"

namespace observerd {
namespace {

/// Keywords of the condition language, in any case: a column of that name is printed as ["name"].
constexpr std::array<std::string_view, 10> kKeywords = {"and",  "or",   "not",     "in",   "is",
                                                        "null", "like", "matches", "true", "false"};
/// Words that begin a path; in lower case, or in capitals (see take_root).
constexpr std::array<std::string_view, 8> kRoots = {"new", "old", "data", "event",
                                                    "NEW", "OLD", "DATA", "EVENT"};

bool is_plain_identifier(std::string_view name) {
  return !name.empty() && is_identifier_start(name.front()) &&
         std::all_of(name.begin(), name.end(), is_identifier_part);
}

bool is_reserved(std::string_view name) {
  return std::find(kRoots.begin(), kRoots.end(), name) != kRoots.end() ||
         std::any_of(kKeywords.begin(), kKeywords.end(),
                     [&](std::string_view word) { return ascii_iequals(word, name); });
}

/// Reads one path out of a larger text.
class PathScanner {
 public:
  PathScanner(std::string_view text, std::size_t at, Code code)
      : text_(text), at_(at), code_(code) {}

  Result<FieldPath> scan() {
    const std::size_t start = at_;
    if (!first_step() || !further_steps()) return status_;
    if (path_.root == FieldPath::Root::Event && !check_event(start)) return status_;
    return path_;
  }
  std::size_t end() const { return at_; }

 private:
  bool fail(std::size_t offset, std::string message) {
    const LineColumn where = line_column(text_, offset);
    status_ = Status::error(code_, std::move(message))
                  .at({"", where.line, where.column, ""})
                  .note(caret_snippet(text_, offset));
    return false;
  }

  bool here(char c) const { return at_ < text_.size() && text_[at_] == c; }
  void skip_space() {
    while (here(' ') || here('\t') || here('\r') || here('\n')) ++at_;
  }
  std::string identifier() {
    const std::size_t start = at_;
    if (at_ < text_.size() && is_identifier_start(text_[at_])) {
      while (at_ < text_.size() && is_identifier_part(text_[at_])) ++at_;
    }
    return std::string(text_.substr(start, at_ - start));
  }

  bool first_step() {
    if (here('[')) return bracket(false);
    std::string name = identifier();
    if (name.empty()) return fail(at_, "expected a field name");
    if (!take_root(name)) path_.steps.emplace_back(std::move(name));
    return true;
  }

  /// `new`, `old`, `data`, `event`, and all of them in capitals when a member follows, as in the
  /// triggers of PostgreSQL: NEW.total. Any other spelling (`Data`, `Event`) is a column.
  bool take_root(const std::string& name) {
    const std::string word = ascii_lower(name);
    const bool member_follows = here('.') || here('[');
    const bool capitals =
        std::all_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (name != word && !(capitals && member_follows)) return false;
    if (word == "new") {
      path_.root = FieldPath::Root::New;
    } else if (word == "old") {
      path_.root = FieldPath::Root::Old;
    } else if (word == "event") {
      path_.root = FieldPath::Root::Event;
    } else if (word != "data") {
      return false;
    }
    return true;
  }

  bool further_steps() {
    while (true) {
      if (here('[')) {
        if (!bracket(true)) return false;
      } else if (here('.')) {
        ++at_;
        std::string name = identifier();
        if (name.empty()) return fail(at_, "expected a field name after \".\"");
        path_.steps.emplace_back(std::move(name));
      } else {
        return true;
      }
    }
  }

  bool bracket(bool index_allowed) {
    ++at_;
    skip_space();
    if (here('"') || here('\'')) {
      auto name = scan_string(text_, at_, code_);
      if (!name) {
        status_ = name.status();
        return false;
      }
      path_.steps.emplace_back(std::move(*name));
    } else if (!index_allowed) {
      return fail(at_, "expected a field name in quotes after \"[\"");
    } else if (!index()) {
      return false;
    }
    skip_space();
    if (!here(']')) return fail(at_, "expected \"]\"");
    ++at_;
    return true;
  }

  bool index() {
    constexpr std::size_t kMostDigits = 9;
    const std::size_t start = at_;
    std::size_t value = 0;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
      value = value * 10 + static_cast<std::size_t>(text_[at_] - '0');
      if (++at_ - start > kMostDigits) return fail(start, "the index is too large");
    }
    if (at_ == start) return fail(at_, "expected a field name in quotes, or an index from 0");
    path_.steps.emplace_back(value);
    return true;
  }

  bool check_event(std::size_t start) {
    const auto& names = event_members();
    const auto* name =
        path_.steps.empty() ? nullptr : std::get_if<std::string>(&path_.steps.front());
    if (name == nullptr) {
      return fail(start, "\"event\" needs a member (event." + join(names, ", event.") +
                             "); a column of that name is new.event");
    }
    if (std::find(names.begin(), names.end(), *name) == names.end()) {
      return fail(start, "\"event." + *name + "\" is not known" + did_you_mean(*name, names));
    }
    if (path_.steps.size() > 1) {
      return fail(start, "\"event." + *name + "\" is a text and has no members");
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_;
  Code code_;
  FieldPath path_;
  Status status_;
};

/// The value of `event.NAME`.
json::Value event_member(const Event& event, const std::string& name) {
  if (name == "kind") return json::Value::string(std::string(kind_name(event.kind)));
  if (name == "entity") return json::Value::string(event.entity);
  if (name == "id") return json::Value::string(event.key);
  if (name == "type") return json::Value::string(event.type);
  if (name == "time") return json::Value::string(format_time(event.created));
  if (name == "event_id") return json::Value::string(event.id.to_string());
  return event.user.empty() ? json::Value() : json::Value::string(event.user);
}

}  // namespace

bool is_identifier_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_identifier_part(char c) {
  return is_identifier_start(c) || (c >= '0' && c <= '9');
}

const std::vector<std::string>& event_members() {
  static const std::vector<std::string> names = {"kind", "entity", "id",      "type",
                                                 "time", "user",   "event_id"};
  return names;
}

std::string FieldPath::to_string() const {
  std::string out;
  if (root == Root::New) out = "new";
  if (root == Root::Old) out = "old";
  if (root == Root::Event) out = "event";
  const auto* first = steps.empty() ? nullptr : std::get_if<std::string>(&steps.front());
  if (root == Root::Row && first == nullptr) out = "data";
  for (const Step& step : steps) {
    if (const auto* index = std::get_if<std::size_t>(&step)) {
      out += '[' + std::to_string(*index) + ']';
      continue;
    }
    const auto& name = std::get<std::string>(step);
    if (!is_plain_identifier(name) || (out.empty() && is_reserved(name))) {
      out += '[' + quote_string(name) + ']';
    } else {
      if (!out.empty()) out += '.';
      out += name;
    }
  }
  return out;
}

Result<FieldPath> scan_path(std::string_view text, std::size_t& at, Code code) {
  PathScanner scanner(text, at, code);
  auto path = scanner.scan();
  if (path) at = scanner.end();
  return path;
}

Result<FieldPath> parse_path(std::string_view text, Code code) {
  std::size_t at = 0;
  auto path = scan_path(text, at, code);
  if (!path || at == text.size()) return path;
  const LineColumn where = line_column(text, at);
  return Status::error(code, "expected the end of the path")
      .at({"", where.line, where.column, ""})
      .note(caret_snippet(text, at));
}

const json::Value* resolve_steps(const json::Value* value,
                                 const std::vector<FieldPath::Step>& steps, std::size_t first) {
  for (std::size_t i = first; i < steps.size() && value != nullptr; ++i) {
    if (const auto* name = std::get_if<std::string>(&steps[i])) {
      value = find_member(*value, *name);
    } else if (const std::size_t index = std::get<std::size_t>(steps[i]);
               value->is_array() && index < value->items().size()) {
      value = &value->items()[index];
    } else {
      value = nullptr;
    }
  }
  return value;
}

const json::Value* resolve(const Event& event, const FieldPath& path, json::Value& scratch) {
  const auto row = [](const Row& side) { return side ? &*side : nullptr; };
  switch (path.root) {
    case FieldPath::Root::Row:
      return resolve_steps(event.row(), path.steps);
    case FieldPath::Root::New:
      return resolve_steps(row(event.new_row), path.steps);
    case FieldPath::Root::Old:
      return resolve_steps(row(event.old_row), path.steps);
    case FieldPath::Root::Event:
      scratch = event_member(event, std::get<std::string>(path.steps.front()));
      return &scratch;
  }
  return nullptr;
}

}  // namespace observerd
