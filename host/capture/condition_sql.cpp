#include "capture/condition_sql.hpp"

#include <algorithm>

#include "capture/atom.hpp"

namespace observerd::capture {
namespace {

using condition::Function;
using condition::Node;
using condition::NodeKind;

/// A value of an operand, and when it has that one. Together they cover every row for which the
/// operand has a value; an operand without any is an error.
struct Case {
  Bound guard;
  Atom atom;
};
using Cases = std::vector<Case>;

class Compiler {
 public:
  explicit Compiler(const ChangeOf& change) : change_(change) {}

  Bounds truth(const Node& node) const {
    switch (node.kind) {
      case NodeKind::And: {
        Children parts = children(node);
        return {all_of(parts.fires), any_of(parts.fails)};
      }
      case NodeKind::Or: {
        Children parts = children(node);
        return {any_of(parts.fires), all_of(parts.fails)};
      }
      case NodeKind::Not:
        return negated(truth(node.children[0]));
      case NodeKind::Compare:
        return compare(node.comparison, operand(node.children[0]), operand(node.children[1]));
      case NodeKind::In:
        return in(node);
      case NodeKind::Like:
        return each(operand(node.children[0]), [&](const Atom& atom) {
          return negated_if(node, like(atom, node.like().text()));
        });
      case NodeKind::Matches:
        return Bounds::unknown();
      case NodeKind::Literal:
      case NodeKind::Path:
        return each(operand(node), is_true);
      case NodeKind::Call:
        return call(node);
    }
    return Bounds::unknown();
  }

 private:
  struct Children {
    std::vector<Bound> fires;
    std::vector<Bound> fails;
  };
  Children children(const Node& node) const {
    Children out;
    for (const Node& child : node.children) {
      Bounds part = truth(child);
      out.fires.push_back(std::move(part.fires));
      out.fails.push_back(std::move(part.fails));
    }
    return out;
  }

  static Bounds negated_if(const Node& node, Bounds bounds) {
    return node.negated ? negated(std::move(bounds)) : bounds;
  }

  template <typename Test>
  static Bounds each(const Cases& cases, const Test& test) {
    Children out;
    for (const Case& one : cases) {
      const Bounds bounds = test(one.atom);
      out.fires.push_back(all_of({one.guard, bounds.fires}));
      out.fails.push_back(all_of({one.guard, bounds.fails}));
    }
    return {any_of(out.fires), any_of(out.fails)};
  }

  static Bounds compare(condition::Comparison comparison, const Cases& a, const Cases& b) {
    return each(a, [&](const Atom& left) {
      return each(b, [&](const Atom& right) { return compared(comparison, left, right); });
    });
  }

  /// One item that is equal decides, whatever the others come to.
  Bounds in(const Node& node) const {
    const Cases wanted = operand(node.children[0]);
    Children items;
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      const Bounds item = compare(condition::Comparison::Equal, wanted, operand(node.children[i]));
      items.fires.push_back(item.fires);
      items.fails.push_back(item.fails);
    }
    return negated_if(node, {any_of(items.fires), all_of(items.fails)});
  }

  Bounds call(const Node& node) const {
    switch (node.function) {
      case Function::IsInsert:
        return Bounds::of(change_.kind == EventKind::Insert);
      case Function::IsUpdate:
        return Bounds::of(change_.kind == EventKind::Update);
      case Function::IsDelete:
        return Bounds::of(change_.kind == EventKind::Delete);
      case Function::IsCustom:
        return Bounds::of(false);
      case Function::FieldChanged:
      case Function::FieldChangedTo:
      case Function::FieldChangedFrom:
        return changed(node);
      case Function::Contains:
      case Function::StartsWith:
      case Function::EndsWith: {
        const Node& part = node.children[1];
        if (part.kind != NodeKind::Literal || !part.literal().is_string()) break;
        return each(operand(node.children[0]), [&](const Atom& atom) {
          return text_test(node.function, atom, part.literal().text());
        });
      }
      case Function::HasField:
        if (node.path().root != FieldPath::Root::Event && row(node.path().root) == nullptr) {
          return Bounds::of(false);
        }
        break;
      case Function::Coalesce:
        return each(operand(node), is_true);
      case Function::Lower:
      case Function::Upper:
      case Function::Length:
      case Function::Abs:
        break;
    }
    return Bounds::unknown();
  }

  Bounds changed(const Node& node) const {
    if (change_.kind != EventKind::Update) return Bounds::of(false);
    const RowColumn* column = find(node.path());
    if (column == nullptr) return Bounds::unknown();
    const Atom before = Atom::of(*column, "OLD");
    const Atom after = Atom::of(*column, "NEW");
    const Bounds difference = differs(before, after);
    if (node.function == Function::FieldChanged) return difference;
    const Atom& side = node.function == Function::FieldChangedTo ? after : before;
    const Node& wanted = node.children[0];
    const Bounds match =
        wanted.kind == NodeKind::Literal && wanted.literal().is_string()
            ? equals_quoted(side, wanted.literal().text())
            : compare(condition::Comparison::Equal, {{Bound::always(), side}}, operand(wanted));
    return {all_of({difference.fires, match.fires}), any_of({difference.fails, match.fails})};
  }

  Cases operand(const Node& node) const {
    if (node.kind == NodeKind::Literal) return {{Bound::always(), Atom::of(node.literal())}};
    if (node.kind == NodeKind::Path) return path(node.path());
    if (node.is_call(Function::Coalesce)) return coalesce(node);
    return {{Bound::always(), Atom()}};
  }

  Cases path(const FieldPath& path) const {
    if (path.root == FieldPath::Root::Event) return {{Bound::always(), event_member(path)}};
    const char* name = row(path.root);
    if (name == nullptr) return {};
    const RowColumn* column = find(path);
    return {{Bound::always(), column == nullptr ? Atom() : Atom::of(*column, name)}};
  }

  /// The first that is there and not null; null when there is none.
  Cases coalesce(const Node& node) const {
    Cases cases;
    std::vector<Bound> nulls;  // of those before
    for (const Node& child : node.children) {
      const bool simple = child.kind == NodeKind::Path || child.kind == NodeKind::Literal;
      for (const Case& one : operand(child)) {
        const Bounds null = is_null(one.atom);
        // Nothing can be said about what may or may not be passed over.
        if (!simple || (null.fires.is_always() && null.fails.is_always())) {
          return {{Bound::always(), Atom()}};
        }
        std::vector<Bound> guard = nulls;
        guard.push_back(null.fails);
        cases.push_back({all_of(guard), one.atom});
        nulls.push_back(null.fires);
      }
    }
    cases.push_back({all_of(nulls), Atom::of(json::Value())});
    return cases;
  }

  /// The name of the row that a path reads; nullptr when a change of this kind has none.
  const char* row(FieldPath::Root root) const {
    const bool is_delete = change_.kind == EventKind::Delete;
    if (root == FieldPath::Root::New) return is_delete ? nullptr : "NEW";
    if (root == FieldPath::Root::Old) return change_.kind == EventKind::Insert ? nullptr : "OLD";
    return is_delete ? "OLD" : "NEW";
  }

  /// nullptr for what lies deeper than a column, and for columns that are not there.
  const RowColumn* find(const FieldPath& path) const {
    if (path.root == FieldPath::Root::Event || path.steps.size() != 1) return nullptr;
    const auto* name = std::get_if<std::string>(&path.steps.front());
    if (name == nullptr) return nullptr;
    const auto found = std::find_if(change_.columns->begin(), change_.columns->end(),
                                    [&](const RowColumn& column) { return column.name == *name; });
    return found == change_.columns->end() ? nullptr : &*found;
  }

  Atom event_member(const FieldPath& path) const {
    const auto& name = std::get<std::string>(path.steps.front());
    const std::string kind(kind_name(change_.kind));
    if (name == "kind") return Atom::of(json::Value::string(kind));
    if (name == "entity") return Atom::of(json::Value::string(change_.entity));
    if (name == "type") return Atom::of(json::Value::string(change_.entity + '.' + kind));
    return {};
  }

  const ChangeOf& change_;
};

}  // namespace

Bound condition_sql(const Node& condition, const ChangeOf& change) {
  return Compiler(change).truth(condition).fires;
}

}  // namespace observerd::capture
