#include "condition/column_check.hpp"

#include <algorithm>

#include "base/strings.hpp"
#include "condition/functions.hpp"
#include "condition/lexer.hpp"
#include "event/decimal.hpp"

namespace observerd::condition {
namespace {

/// What a row can hold at a place, as row_to_json writes it.
enum class Shape : unsigned char { Any, Null, Boolean, Number, Text, Array, Object };

const char* shape_text(Shape shape) {
  switch (shape) {
    case Shape::Any:
      return "anything";
    case Shape::Null:
      return "null";
    case Shape::Boolean:
      return "a boolean";
    case Shape::Number:
      return "a number";
    case Shape::Text:
      return "a text";
    case Shape::Array:
      return "an array";
    case Shape::Object:
      return "an object";
  }
  return "";
}

bool any_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// PostgreSQL's names to the shapes of row_to_json (json_categorize_type in its sources): what is
/// not number, boolean, array or JSON comes as text. Types that this list does not name may be
/// domains over anything.
Shape shape_of(std::string_view type) {
  if (type.ends_with("[]")) return Shape::Array;
  std::string name = ascii_lower(trim(type.substr(0, type.find('('))));
  if (any_of(name, {"smallint", "integer", "bigint", "real", "double precision", "numeric", "int2",
                    "int4", "int8", "int", "float4", "float8", "decimal"})) {
    return Shape::Number;
  }
  if (any_of(name, {"boolean", "bool"})) return Shape::Boolean;
  if (any_of(name, {"text",
                    "character varying",
                    "character",
                    "varchar",
                    "char",
                    "bpchar",
                    "name",
                    "uuid",
                    "date",
                    "timestamp",
                    "timestamptz",
                    "timestamp without time zone",
                    "timestamp with time zone",
                    "time",
                    "timetz",
                    "time without time zone",
                    "time with time zone",
                    "interval",
                    "bytea",
                    "inet",
                    "cidr",
                    "macaddr",
                    "xml",
                    "money",
                    "bit",
                    "bit varying",
                    "\"char\"",
                    "citext"})) {
    return Shape::Text;
  }
  return Shape::Any;
}

/// That the path begins with; nullptr when there is none.
const Column* find_column(const FieldPath& path, const std::vector<Column>& columns) {
  const auto* name = std::get_if<std::string>(&path.steps.front());
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& column) {
    return name != nullptr && column.first == *name;
  });
  return found == columns.end() ? nullptr : &*found;
}

class Checker {
 public:
  Checker(const Condition& condition, const std::vector<Column>& columns)
      : condition_(condition), columns_(columns) {
    for (const Column& column : columns) names_.push_back(column.first);
  }

  Diagnostics run() {
    for (const std::string& name : names_) {
      if (!any_of(name, {"data", "new", "old", "event"})) continue;
      found_.warn(
          Status::error(Code::ConditionSyntax,
                        "the column \"" + name + "\" has the name of a word of the language")
              .note("in conditions and templates it is written new." + name + " or [\"" + name +
                    "\"]"));
    }
    visit_truth(condition_.root());
    return std::move(found_);
  }

 private:
  void error(const Node& node, std::string message) { found_.add(place(node, std::move(message))); }
  void warn(const Node& node, std::string message) { found_.warn(place(node, std::move(message))); }
  Status place(const Node& node, std::string message) const {
    return syntax_error(condition_.source(), node.offset, std::move(message));
  }
  void never(const Node& node, const std::string& why) {
    error(node, print(node) + " can never be true: " + why);
  }

  void visit_truth(const Node& node) {
    switch (node.kind) {
      case NodeKind::And:
      case NodeKind::Or:
      case NodeKind::Not:
        for (const Node& child : node.children) visit_truth(child);
        return;
      case NodeKind::Compare:
        return visit_compare(node);
      case NodeKind::In:
        return visit_in(node);
      case NodeKind::Like:
      case NodeKind::Matches:
        return require(node, node.children[0], {Shape::Text});
      default:
        break;
    }
    const Shape shape = visit(node);
    if (shape != Shape::Any && shape != Shape::Boolean) {
      never(node, std::string("it is ") + shape_text(shape));
    }
  }

  void visit_compare(const Node& node) {
    const Shape left = visit(node.children[0]);
    const Shape right = visit(node.children[1]);
    const bool equality =
        node.comparison == Comparison::Equal || node.comparison == Comparison::NotEqual;
    if (!equality) {
      for (const Shape shape : {left, right}) {
        if (shape != Shape::Any && shape != Shape::Number && shape != Shape::Text) {
          return never(node, std::string(shape_text(shape)) + " has no order");
        }
      }
    }
    if (can_be_equal(left, right, equality)) return check_kind(node);
    const std::string why = std::string(shape_text(left)) + " never equals " + shape_text(right);
    if (node.comparison == Comparison::NotEqual) {
      warn(node, print(node) + " is always true: " + why);
    } else {
      never(node, equality ? why
                           : std::string("there is no order between ") + shape_text(left) +
                                 " and " + shape_text(right));
    }
  }

  static bool can_be_equal(Shape a, Shape b, bool null_too) {
    if (a == Shape::Any || b == Shape::Any || a == b) return true;
    return null_too && (a == Shape::Null || b == Shape::Null);
  }

  /// event.kind == 'inserted'
  void check_kind(const Node& node) {
    if (node.comparison != Comparison::Equal) return;
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
      const Node& path = node.children[i];
      const Node& word = node.children[1 - i];
      if (path.kind != NodeKind::Path || path.path().to_string() != "event.kind") continue;
      if (word.kind != NodeKind::Literal || !word.literal().is_string()) continue;
      const std::vector<std::string> kinds = {"insert", "update", "delete", "custom"};
      const std::string& text = word.literal().text();
      if (std::find(kinds.begin(), kinds.end(), text) != kinds.end()) continue;
      never(node, '"' + text + "\" is no kind of event" + did_you_mean(text, kinds));
    }
  }

  void visit_in(const Node& node) {
    const Shape wanted = visit(node.children[0]);
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      const Shape item = visit(node.children[i]);
      if (can_be_equal(wanted, item, true)) continue;
      const std::string what = "the value " + print(node.children[i]) + " of the list";
      error(node.children[i], what + " can never be the one: " + shape_text(wanted) +
                                  " never equals " + shape_text(item));
    }
  }

  void require(const Node& node, const Node& operand, std::initializer_list<Shape> allowed) {
    const Shape shape = visit(operand);
    if (shape == Shape::Any || std::find(allowed.begin(), allowed.end(), shape) != allowed.end()) {
      return;
    }
    never(node, print(operand) + " is " + shape_text(shape));
  }

  Shape visit(const Node& node) {
    switch (node.kind) {
      case NodeKind::Literal:
        return literal_shape(node.literal());
      case NodeKind::Path:
        return path_shape(node, node.path());
      case NodeKind::Call:
        return visit_call(node);
      default:
        visit_truth(node);
        return Shape::Boolean;
    }
  }

  static Shape literal_shape(const json::Value& value) {
    if (value.is_null()) return Shape::Null;
    if (value.is_boolean()) return Shape::Boolean;
    return value.is_number() ? Shape::Number : Shape::Text;
  }

  Shape path_shape(const Node& node, const FieldPath& path) {
    if (path.root == FieldPath::Root::Event) return Shape::Text;
    if (path.steps.empty()) return Shape::Object;
    if (std::string why = why_never_there(path, columns_); !why.empty()) {
      error(node, std::move(why));
      return Shape::Any;
    }
    return path.steps.size() == 1 ? shape_of(find_column(path, columns_)->second) : Shape::Any;
  }

  Shape visit_call(const Node& node) {
    switch (node.function) {
      case Function::HasField:
      case Function::FieldChanged:
        path_shape(node, node.path());
        return Shape::Boolean;
      case Function::FieldChangedTo:
      case Function::FieldChangedFrom:
        visit_changed_value(node);
        return Shape::Boolean;
      case Function::Contains:
        require(node, node.children[0], {Shape::Text, Shape::Array, Shape::Object});
        visit(node.children[1]);
        return Shape::Boolean;
      case Function::StartsWith:
      case Function::EndsWith:
        for (const Node& child : node.children) require(node, child, {Shape::Text});
        return Shape::Boolean;
      case Function::Lower:
      case Function::Upper:
        require(node, node.children[0], {Shape::Text});
        return Shape::Text;
      case Function::Length:
        require(node, node.children[0], {Shape::Text, Shape::Array, Shape::Object});
        return Shape::Number;
      case Function::Abs:
        require(node, node.children[0], {Shape::Number});
        return Shape::Number;
      case Function::Coalesce:
        return visit_coalesce(node);
      default:
        return Shape::Boolean;
    }
  }

  Shape visit_coalesce(const Node& node) {
    Shape common = visit(node.children[0]);
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      if (visit(node.children[i]) != common) common = Shape::Any;
    }
    return common;
  }

  void visit_changed_value(const Node& node) {
    const Shape column = path_shape(node, node.path());
    const Node& wanted = node.children[0];
    const Shape shape = visit(wanted);
    if (can_be_equal(column, shape, true)) return;
    const bool quoted = wanted.kind == NodeKind::Literal && wanted.literal().is_string();
    const std::string text = quoted ? wanted.literal().text() : "";
    if (quoted && column == Shape::Number && is_number_literal(text)) return;
    if (quoted && column == Shape::Boolean && (text == "true" || text == "false")) return;
    never(node, std::string(shape_text(column)) + " never equals " +
                    (quoted ? "the text " + print(wanted) : shape_text(shape)));
  }

  const Condition& condition_;
  const std::vector<Column>& columns_;
  std::vector<std::string> names_;
  Diagnostics found_;
};

}  // namespace

std::string why_never_there(const FieldPath& path, const std::vector<Column>& columns) {
  if (path.root == FieldPath::Root::Event || path.steps.empty()) return {};
  const auto* name = std::get_if<std::string>(&path.steps.front());
  if (name == nullptr) return path.to_string() + " is never there: a row has names";
  const Column* column = find_column(path, columns);
  if (column == nullptr) {
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (const Column& one : columns) names.push_back(one.first);
    return "there is no column \"" + *name + '"' + did_you_mean(*name, names);
  }
  if (path.steps.size() == 1) return {};
  const Shape shape = shape_of(column->second);
  const bool by_index = std::holds_alternative<std::size_t>(path.steps[1]);
  if (shape == Shape::Any || (shape == Shape::Array && by_index)) return {};
  return path.to_string() + " is never there: the column \"" + column->first + "\" is " +
         column->second;
}

Diagnostics check_columns(const Condition& condition, const std::vector<Column>& columns) {
  return Checker(condition, columns).run();
}

}  // namespace observerd::condition
