#pragma once

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "event/decimal.hpp"
#include "event/event.hpp"
#include "event/path.hpp"

/// Random conditions with a meaning of their own: each is a tree that can write itself as text (in
/// any dialect) and be evaluated in the plainest way. What the language's own parser and evaluator
/// make of the text must come to the same.
namespace observerd::condition::testing {

using Random = std::mt19937;

inline std::size_t pick(Random& random, std::size_t count) {
  return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
}

template <typename T>
const T& one_of(Random& random, const std::vector<T>& from) {
  return from[pick(random, from.size())];
}

/// An answer: a value, or nothing for an error.
using Answer = std::optional<json::Value>;

struct Expression {
  std::string kind;  ///< "and", "==", "in", "path", "literal", a function's name …
  std::vector<Expression> children = {};
  std::string text = {};     ///< of a path, or of a field argument
  json::Value literal = {};  ///< of a literal
  bool negated = false;

  Answer value(const Event& event) const;
  std::string write(Random& random) const;

 private:
  Answer field(const Event& event) const {
    json::Value scratch;
    const json::Value* found = resolve(event, *parse_path(text, Code::ConditionSyntax), scratch);
    return found == nullptr ? Answer() : *found;
  }
  Answer chain(const Event& event, bool deciding) const;
  Answer compare(const Event& event) const;
  Answer in(const Event& event) const;
  Answer changed(const Event& event) const;
  Answer call(const Event& event) const;
  std::string operand(Random& random, std::size_t child) const;
};

inline std::optional<bool> truth(const Answer& answer) {
  if (!answer || !answer->is_boolean()) return std::nullopt;
  return answer->as_boolean();
}

inline Answer Expression::chain(const Event& event, bool deciding) const {
  bool error = false;
  for (const Expression& child : children) {
    const auto part = truth(child.value(event));
    if (part == deciding) return json::Value::boolean(deciding);
    error = error || !part;
  }
  return error ? Answer() : json::Value::boolean(!deciding);
}

inline Answer Expression::compare(const Event& event) const {
  const Answer a = children[0].value(event);
  const Answer b = children[1].value(event);
  if (!a || !b) return {};
  if (kind == "==") return json::Value::boolean(json_equal(*a, *b));
  if (kind == "!=") return json::Value::boolean(!json_equal(*a, *b));
  int order = 0;
  if (a->is_number() && b->is_number()) {
    const auto numbers = compare_numbers(a->text(), b->text());
    order = numbers < 0 ? -1 : numbers > 0 ? 1 : 0;
  } else if (a->is_string() && b->is_string()) {
    order = a->text().compare(b->text());
  } else {
    return {};
  }
  return json::Value::boolean(kind == "<"    ? order < 0
                              : kind == "<=" ? order <= 0
                              : kind == ">"  ? order > 0
                                             : order >= 0);
}

inline Answer Expression::in(const Event& event) const {
  const Answer wanted = children[0].value(event);
  if (!wanted) return {};
  bool error = false;
  for (std::size_t i = 1; i < children.size(); ++i) {
    const Answer item = children[i].value(event);
    if (item && json_equal(*wanted, *item)) return json::Value::boolean(!negated);
    error = error || !item;
  }
  return error ? Answer() : json::Value::boolean(negated);
}

inline Answer Expression::changed(const Event& event) const {
  if (event.kind != EventKind::Update) return json::Value::boolean(false);
  if (!event.new_row || !event.old_row) return {};
  const auto steps = parse_path(text, Code::ConditionSyntax)->steps;
  const json::Value null;
  const json::Value* after = resolve_steps(&*event.new_row, steps);
  const json::Value* before = resolve_steps(&*event.old_row, steps);
  if (after == nullptr) after = &null;
  if (before == nullptr) before = &null;
  if (json_equal(*after, *before)) return json::Value::boolean(false);
  if (kind == "field_changed") return json::Value::boolean(true);
  const json::Value& side = kind == "field_changed_to" ? *after : *before;
  const Answer wanted = children[0].value(event);
  if (!wanted) return {};
  if (json_equal(side, *wanted)) return json::Value::boolean(true);
  if (children[0].kind != "literal" || !wanted->is_string()) return json::Value::boolean(false);
  if (side.is_boolean()) {
    return json::Value::boolean(wanted->text() == (side.as_boolean() ? "true" : "false"));
  }
  return json::Value::boolean(side.is_number() && is_number_literal(wanted->text()) &&
                              compare_numbers(side.text(), wanted->text()) == 0);
}

inline Answer Expression::call(const Event& event) const {
  if (kind == "has_field") return json::Value::boolean(field(event).has_value());
  if (kind.starts_with("field_changed")) return changed(event);
  if (kind == "is_insert") return json::Value::boolean(event.kind == EventKind::Insert);
  if (kind == "is_update") return json::Value::boolean(event.kind == EventKind::Update);
  if (kind == "is_delete") return json::Value::boolean(event.kind == EventKind::Delete);
  if (kind == "is_custom") return json::Value::boolean(event.kind == EventKind::Custom);
  if (kind == "coalesce") {
    for (const Expression& child : children) {
      const Answer value = child.value(event);
      if (!value && child.kind == "path") continue;
      if (!value || !value->is_null()) return value;
    }
    return json::Value();
  }
  const Answer first = children[0].value(event);
  if (!first) return {};
  if (kind == "abs") {
    if (!first->is_number()) return {};
    const std::string& digits = first->text();
    return json::Value::number(digits[0] == '-' ? digits.substr(1) : digits);
  }
  if (kind == "length") {
    if (first->is_array()) return json::Value::integer(static_cast<int>(first->items().size()));
    if (first->is_object()) return json::Value::integer(static_cast<int>(first->members().size()));
    if (!first->is_string()) return {};
    return json::Value::integer(static_cast<int>(first->text().size()));  // the rows are ASCII
  }
  const Answer second = children[1].value(event);
  if (!second || !first->is_string() || !second->is_string()) return {};
  if (kind == "starts_with") {
    return json::Value::boolean(first->text().starts_with(second->text()));
  }
  if (kind == "ends_with") return json::Value::boolean(first->text().ends_with(second->text()));
  return json::Value::boolean(first->text().find(second->text()) != std::string::npos);
}

inline Answer Expression::value(const Event& event) const {
  if (kind == "literal") return literal;
  if (kind == "path") return field(event);
  if (kind == "and") return chain(event, false);
  if (kind == "or") return chain(event, true);
  if (kind == "not") {
    const auto inner = truth(children[0].value(event));
    return inner ? json::Value::boolean(!*inner) : Answer();
  }
  if (kind == "in") return in(event);
  if (kind == "like") {
    // Only the pattern %text% is generated.
    const Answer whole = children[0].value(event);
    if (!whole || !whole->is_string()) return {};
    return json::Value::boolean((whole->text().find(text) != std::string::npos) != negated);
  }
  if (kind == "==" || kind == "!=" || kind[0] == '<' || kind[0] == '>') return compare(event);
  return call(event);
}

inline std::string Expression::operand(Random& random, std::size_t child) const {
  const Expression& inner = children[child];
  const bool single = inner.kind == "literal" || inner.kind == "path" || inner.kind == "coalesce" ||
                      inner.kind == "abs" || inner.kind == "length";
  const std::string written = inner.write(random);
  return single && pick(random, 8) != 0 ? written : '(' + written + ')';
}

inline std::string Expression::write(Random& random) const {
  const auto coin = [&] { return pick(random, 2) == 0; };
  if (kind == "literal") {
    if (!literal.is_string()) return json::write(literal);
    return coin() ? quote_string(literal.text()) : json::quote(literal.text());
  }
  if (kind == "path") {
    return text.find('.') == std::string::npos && text != "data" && coin() ? "data." + text : text;
  }
  if (kind == "and" || kind == "or") {
    std::string out;
    for (std::size_t i = 0; i < children.size(); ++i) {
      if (i > 0) out += kind == "and" ? (coin() ? " && " : " AND ") : (coin() ? "||" : " or ");
      const std::string& inner = children[i].kind;
      const std::string part = children[i].write(random);
      out += inner == "or" || inner == "and" || coin() ? '(' + part + ')' : part;
    }
    return out;
  }
  if (kind == "not") {
    const std::string& inner = children[0].kind;
    const std::string part = children[0].write(random);
    return (coin() ? "!" : "NOT ") +
           (inner == "and" || inner == "or" || coin() ? '(' + part + ')' : part);
  }
  if (kind == "in") {
    const bool bracket = coin();
    std::string out = operand(random, 0) + (negated ? " NOT IN " : " in ") + (bracket ? '[' : '(');
    for (std::size_t i = 1; i < children.size(); ++i) {
      out += (i > 1 ? "," : "") + operand(random, i);
    }
    return out + (bracket ? ']' : ')');
  }
  if (kind == "like") {
    return operand(random, 0) + (negated ? " not like " : " LIKE ") +
           quote_string('%' + text + '%');
  }
  if (kind == "==") {
    const bool null = children[1].kind == "literal" && children[1].literal.is_null();
    if (null && coin()) return operand(random, 0) + " IS NULL";
    return operand(random, 0) + (coin() ? " == " : "=") + operand(random, 1);
  }
  if (kind == "!=") return operand(random, 0) + (coin() ? " != " : "<>") + operand(random, 1);
  if (kind[0] == '<' || kind[0] == '>') return operand(random, 0) + kind + operand(random, 1);

  std::string out = kind + '(';
  if (!text.empty()) {
    const bool plain = text.find_first_of(".[") == std::string::npos;
    if (kind.starts_with("field_") && plain && coin()) {
      out = text + kind.substr(5) + '(';
    } else {
      if (kind.starts_with("field_") && coin()) out = kind.substr(6) + '(';
      out += coin() ? text : quote_string(text);
      if (!children.empty()) out += ", ";
    }
  }
  for (std::size_t i = 0; i < children.size(); ++i) {
    out += (i > 0 ? ", " : "") + operand(random, i);
  }
  return out + ')';
}

/// Makes conditions and events that have to do with each other: the fields are few, their values
/// too.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}
  Random& random() { return random_; }

  Expression condition(int depth) {
    const std::size_t choice = pick(random_, depth > 0 ? 10 : 7);
    if (choice < 7) return predicate(depth);
    if (choice == 7) return {"not", {condition(depth - 1)}};
    Expression out{choice == 8 ? "and" : "or"};
    for (std::size_t i = pick(random_, 3) + 2; i > 0; --i) {
      out.children.push_back(condition(depth - 1));
    }
    return out;
  }

  Event event() {
    Event out;
    out.kind = static_cast<EventKind>(pick(random_, 10) < 6 ? 1 : pick(random_, 4));
    out.entity = one_of<std::string>(random_, {"Order", "Invoice"});
    out.key = "7";
    out.type = out.entity + '.' + std::string(kind_name(out.kind));
    if (out.kind != EventKind::Delete) out.new_row = row();
    const bool lost = pick(random_, 20) == 0;
    if (out.kind == EventKind::Delete || (out.kind == EventKind::Update && !lost)) {
      out.old_row = row();
    }
    return out;
  }

 private:
  std::string field() {
    return one_of<std::string>(
        random_, {"total", "total", "status", "status", "paid", "note", "ghost", "meta",
                  "meta.tier", "meta.n", "tags", "tags[0]"});
  }
  std::string path() {
    if (pick(random_, 12) == 0) return one_of<std::string>(random_, {"event.kind", "event.entity"});
    const std::string name = field();
    const std::size_t side = pick(random_, 6);
    return side == 0 ? "old." + name : side == 1 ? "new." + name : name;
  }

  json::Value scalar() {
    switch (pick(random_, 8)) {
      case 0:
        return {};
      case 1:
        return json::Value::boolean(pick(random_, 2) == 0);
      case 2:
      case 3:
      case 4:
        return number();
      default:
        return text();
    }
  }
  json::Value number() {
    return json::Value::number(one_of<std::string>(
        random_, {"0", "100", "100.00", "1e2", "-5", "0.10", "9007199254740993", "9007199254740992",
                  "12345678901234567890.5", "1e400", "1E-400", "2", "6"}));
  }
  json::Value text() {
    return json::Value::string(one_of<std::string>(
        random_, {"", "paid", "shipped", "100", "true", "gold", "it's \"x\"", "a\\b\nc", "Order"}));
  }
  json::Value row() {
    json::Value out = json::Value::object();
    out.set("total", pick(random_, 10) == 0 ? scalar() : number());
    out.set("status", pick(random_, 10) == 0 ? scalar() : text());
    out.set("paid", json::Value::boolean(pick(random_, 2) == 0));
    if (pick(random_, 2) == 0) out.set("note", scalar());
    json::Value meta = json::Value::object();
    if (pick(random_, 3) > 0) meta.set("tier", text());
    meta.set("n", number());
    out.set("meta", std::move(meta));
    json::Value tags = json::Value::array();
    for (std::size_t i = pick(random_, 3); i > 0; --i) tags.push_back(scalar());
    out.set("tags", std::move(tags));
    return out;
  }

  Expression literal() { return {"literal", {}, {}, scalar()}; }
  Expression operand(int depth) {
    switch (pick(random_, depth > 0 ? 12 : 9)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        return {"path", {}, path()};
      case 5:
      case 6:
      case 7:
      case 8:
        return literal();
      case 9:
        return {"coalesce", {operand(depth - 1), operand(0)}};
      case 10:
        return {pick(random_, 2) == 0 ? "abs" : "length", {operand(depth - 1)}};
      default:
        return predicate(depth - 1);
    }
  }
  Expression predicate(int depth) {
    switch (pick(random_, 12)) {
      case 0:
        return {"path", {}, path()};
      case 1:
        return {"has_field", {}, path()};
      case 2:
        return {"field_changed", {}, field()};
      case 3:
        return {pick(random_, 2) == 0 ? "field_changed_to" : "field_changed_from",
                {operand(0)},
                field()};
      case 4:
        return {one_of<std::string>(random_, {"is_insert", "is_update", "is_delete", "is_custom"})};
      case 5:
        return {one_of<std::string>(random_, {"starts_with", "ends_with"}),
                {operand(depth), {"literal", {}, {}, text()}}};
      case 6: {
        Expression out{"in", {operand(depth)}};
        for (std::size_t i = pick(random_, 3) + 1; i > 0; --i) out.children.push_back(operand(0));
        out.negated = pick(random_, 2) == 0;
        return out;
      }
      case 7:
        return {"like",
                {operand(depth)},
                one_of<std::string>(random_, {"a", "ship", "1"}),
                {},
                pick(random_, 2) == 0};
      default:
        return {one_of<std::string>(random_, {"==", "==", "!=", "<", "<=", ">", ">="}),
                {operand(depth), operand(depth)}};
    }
  }

  Random random_;
};

}  // namespace observerd::condition::testing
