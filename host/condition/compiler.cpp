#include <algorithm>

#include "condition/program.hpp"

namespace observerd::condition {

/// Writes instructions in the order of the tree: an operation, then its operands.
class Compiler {
 public:
  Compiler(Program& program, SlotTable& slots) : program_(program), slots_(slots) {}

  void term(const Term& term) {
    if (!term.negated) return truth(*term.node);
    const std::size_t at = open({.op = Op::Not});
    truth(*term.node);
    close(at);
  }

  void all_of(std::span<const Term> terms) {
    if (terms.size() == 1) return term(terms.front());
    const std::size_t at = open({.op = Op::And});
    for (const Term& each : terms) term(each);
    close(at);
  }

 private:
  using Op = Program::Op;
  using Instruction = Program::Instruction;

  std::size_t open(Instruction instruction) {
    program_.code_.push_back(instruction);
    return program_.code_.size() - 1;
  }
  void close(std::size_t at) {
    program_.code_[at].end = static_cast<std::uint32_t>(program_.code_.size());
  }
  void emit(Instruction instruction) { close(open(instruction)); }
  void with_values(Instruction instruction, std::span<const Node> values) {
    const std::size_t at = open(instruction);
    for (const Node& each : values) value(each);
    close(at);
  }
  std::uint32_t constant(const Node& literal) {
    program_.constants_.push_back(std::get<Constant>(literal.payload));
    return static_cast<std::uint32_t>(program_.constants_.size() - 1);
  }

  void truth(const Node& node) {
    switch (node.kind) {
      case NodeKind::And:
      case NodeKind::Or:
      case NodeKind::Not: {
        const std::size_t at = open({.op = node.kind == NodeKind::And  ? Op::And
                                           : node.kind == NodeKind::Or ? Op::Or
                                                                       : Op::Not});
        for (const Node& child : node.children) truth(child);
        return close(at);
      }
      case NodeKind::Compare:
        return compare(node);
      case NodeKind::In:
        return in(node);
      case NodeKind::Like:
        program_.likes_.push_back(node.like());
        return with_values({.op = Op::Like, .negated = node.negated, .a = last(program_.likes_)},
                           node.children);
      case NodeKind::Matches:
        program_.expressions_.push_back(node.regex().compiled);
        return with_values(
            {.op = Op::Matches, .negated = node.negated, .a = last(program_.expressions_)},
            node.children);
      case NodeKind::Call:
        if (!is_value_function(node.function)) return call(node);
        break;
      case NodeKind::Literal:
        if (node.literal().is_boolean()) {
          return emit({.op = Op::Constant, .negated = !node.literal().as_boolean()});
        }
        break;
      case NodeKind::Path:
        break;
    }
    with_values({.op = Op::Boolean}, {&node, 1});
  }

  template <typename Element>
  static std::uint32_t last(const std::vector<Element>& list) {
    return static_cast<std::uint32_t>(list.size() - 1);
  }

  void compare(const Node& node) {
    const Node& left = node.children[0];
    const Node& right = node.children[1];
    if (left.kind == NodeKind::Path && right.kind == NodeKind::Literal) {
      const SlotId slot = slots_.add(left.path());
      return emit(
          {.op = Op::CompareField, .comparison = node.comparison, .a = slot, .b = constant(right)});
    }
    with_values({.op = Op::Compare, .comparison = node.comparison}, node.children);
  }

  void in(const Node& node) {
    const std::span<const Node> items(node.children.begin() + 1, node.children.end());
    const bool constants = std::all_of(items.begin(), items.end(), [](const Node& item) {
      return item.kind == NodeKind::Literal;
    });
    if (node.children[0].kind != NodeKind::Path || !constants) {
      return with_values({.op = Op::In, .negated = node.negated}, node.children);
    }
    const SlotId slot = slots_.add(node.children[0].path());
    const auto first = static_cast<std::uint32_t>(program_.constants_.size());
    for (const Node& item : items) constant(item);
    emit({.op = Op::InField,
          .negated = node.negated,
          .count = static_cast<std::uint16_t>(items.size()),
          .a = slot,
          .b = first});
  }

  void call(const Node& node) {
    switch (node.function) {
      case Function::HasField:
        // The members of an event are always there.
        if (node.path().root == FieldPath::Root::Event) return emit({.op = Op::Constant});
        return emit({.op = Op::HasField, .a = slots_.add(node.path())});
      case Function::FieldChanged:
        return changed(Op::Changed, node);
      case Function::FieldChangedTo:
        return changed(Op::ChangedTo, node);
      case Function::FieldChangedFrom:
        return changed(Op::ChangedFrom, node);
      case Function::IsInsert:
        return is_kind(EventKind::Insert);
      case Function::IsUpdate:
        return is_kind(EventKind::Update);
      case Function::IsDelete:
        return is_kind(EventKind::Delete);
      case Function::IsCustom:
        return is_kind(EventKind::Custom);
      case Function::StartsWith:
        return with_values({.op = Op::StartsWith}, node.children);
      case Function::EndsWith:
        return with_values({.op = Op::EndsWith}, node.children);
      case Function::Contains:
        return with_values({.op = Op::Contains}, node.children);
      case Function::Lower:
      case Function::Upper:
      case Function::Length:
      case Function::Coalesce:
      case Function::Abs:
        return;  // values
    }
  }

  void is_kind(EventKind kind) { emit({.op = Op::IsKind, .a = static_cast<std::uint32_t>(kind)}); }

  void changed(Op op, const Node& node) {
    const SlotId after = slots_.add({FieldPath::Root::New, node.path().steps});
    const SlotId before = slots_.add({FieldPath::Root::Old, node.path().steps});
    with_values({.op = op, .a = after, .b = before}, node.children);
  }

  void value(const Node& node) {
    if (node.kind == NodeKind::Literal) return emit({.op = Op::Literal, .a = constant(node)});
    if (node.kind == NodeKind::Path) return emit({.op = Op::Field, .a = slots_.add(node.path())});
    if (node.kind == NodeKind::Call && is_value_function(node.function)) {
      const Op op = node.function == Function::Lower    ? Op::Lower
                    : node.function == Function::Upper  ? Op::Upper
                    : node.function == Function::Length ? Op::Length
                    : node.function == Function::Abs    ? Op::Abs
                                                        : Op::Coalesce;
      return with_values({.op = op}, node.children);
    }
    const std::size_t at = open({.op = Op::Truth});
    truth(node);
    close(at);
  }

  Program& program_;
  SlotTable& slots_;
};

Program Program::compile(const Node& root, SlotTable& slots) {
  const Term term{&root, false};
  return compile(std::span(&term, 1), slots);
}

Program Program::compile(std::span<const Term> terms, SlotTable& slots) {
  Program program;
  Compiler(program, slots).all_of(terms);
  program.code_.shrink_to_fit();
  program.constants_.shrink_to_fit();
  return program;
}

}  // namespace observerd::condition
