#include <algorithm>

#include <re2/re2.h>

#include "base/letter_case.hpp"
#include "condition/program.hpp"

namespace observerd::condition {
namespace {

/// An answer that may be an error.
Truth truth_or_error(std::optional<bool> answer) {
  return answer ? truth_of(*answer) : Truth::Error;
}

}  // namespace

/// One run of one program. Recursion is as deep as the parser allows.
class Machine {
 public:
  Machine(const Program& program, const Event& event, SlotValues& values)
      : program_(program), event_(event), values_(values) {}

  Truth truth(std::uint32_t at) {
    const Instruction& code = program_.code_[at];
    switch (code.op) {
      case Op::CompareField:
        return compare_field(code);
      case Op::And:
        return chain(at, Truth::False);
      case Op::Or:
        return chain(at, Truth::True);
      case Op::Not: {
        const Truth inner = truth(at + 1);
        return inner == Truth::Error ? inner : truth_of(inner == Truth::False);
      }
      case Op::Constant:
        return truth_of(!code.negated);
      case Op::InField:
        return in_field(code);
      case Op::In:
        return in(at);
      case Op::Like:
      case Op::Matches:
        return pattern(at);
      case Op::HasField:
        return truth_of(!values_.missing(code.a));
      case Op::IsKind:
        return truth_of(static_cast<std::uint32_t>(event_.kind) == code.a);
      case Op::Changed:
      case Op::ChangedTo:
      case Op::ChangedFrom:
        return changed(at);
      case Op::Compare:
      case Op::StartsWith:
      case Op::EndsWith:
      case Op::Contains:
        return binary(at);
      default: {
        Operand operand;
        const std::uint32_t child = code.op == Op::Boolean ? at + 1 : at;
        if (!value(child, operand) || operand.type != json::Type::Boolean) return Truth::Error;
        return truth_of(operand.boolean);
      }
    }
  }

 private:
  using Op = Program::Op;
  using Instruction = Program::Instruction;

  /// And, Or: one part that decides does so whatever the others came to, errors included.
  Truth chain(std::uint32_t at, Truth deciding) {
    const std::uint32_t end = program_.code_[at].end;
    Truth result = deciding == Truth::False ? Truth::True : Truth::False;
    for (std::uint32_t child = at + 1; child < end; child = program_.code_[child].end) {
      const Truth part = truth(child);
      if (part == deciding) return deciding;
      if (part == Truth::Error) result = Truth::Error;
    }
    return result;
  }

  Truth compare_field(const Instruction& code) {
    const Operand* field = values_.get(code.a);
    if (field == nullptr) return Truth::Error;
    const Constant& constant = program_.constants_[code.b];
    if (field->type == json::Type::Number && field->small.scale >= 0 && constant.small.scale >= 0) {
      return truth_of(holds(code.comparison, field->small <=> constant.small));
    }
    Operand other;
    other.set(constant);
    return truth_or_error(compare_operands(code.comparison, *field, other));
  }

  Truth in_field(const Instruction& code) {
    const Operand* field = values_.get(code.a);
    if (field == nullptr) return Truth::Error;
    const auto first = program_.constants_.begin() + code.b;
    const bool found = std::any_of(first, first + code.count, [&](const Constant& constant) {
      Operand item;
      item.set(constant);
      return operands_equal(*field, item);
    });
    return negated_if(code.negated, found);
  }

  Truth in(std::uint32_t at) {
    const Instruction& code = program_.code_[at];
    Operand wanted;
    if (!value(at + 1, wanted)) return Truth::Error;
    bool failed = false;
    for (std::uint32_t item = program_.code_[at + 1].end; item < code.end;
         item = program_.code_[item].end) {
      Operand operand;
      if (!value(item, operand)) {
        failed = true;
      } else if (operands_equal(wanted, operand)) {
        return negated_if(code.negated, true);
      }
    }
    return failed ? Truth::Error : negated_if(code.negated, false);
  }

  Truth pattern(std::uint32_t at) {
    const Instruction& code = program_.code_[at];
    Operand text;
    if (!value(at + 1, text) || text.type != json::Type::String) return Truth::Error;
    const bool matches =
        code.op == Op::Like
            ? program_.likes_[code.a].matches(text.text)
            : re2::RE2::PartialMatch(re2::StringPiece(text.text.data(), text.text.size()),
                                     *program_.expressions_[code.a]);
    return negated_if(code.negated, matches);
  }

  Truth binary(std::uint32_t at) {
    const Instruction& code = program_.code_[at];
    Operand left;
    if (!value(at + 1, left)) return Truth::Error;
    Operand right;
    if (!value(program_.code_[at + 1].end, right)) return Truth::Error;
    if (code.op == Op::Compare) {
      return truth_or_error(compare_operands(code.comparison, left, right));
    }
    if (code.op == Op::Contains) return truth_or_error(operand_contains(left, right));
    if (left.type != json::Type::String || right.type != json::Type::String) return Truth::Error;
    return truth_of(code.op == Op::StartsWith ? left.text.starts_with(right.text)
                                              : left.text.ends_with(right.text));
  }

  Truth changed(std::uint32_t at) {
    const Instruction& code = program_.code_[at];
    if (event_.kind != EventKind::Update) return Truth::False;
    if (!event_.old_row || !event_.new_row) return Truth::Error;
    if (values_.same(code.a, code.b)) return Truth::False;
    if (code.op == Op::Changed) return Truth::True;
    const Operand* side = values_.get(code.op == Op::ChangedTo ? code.a : code.b);
    const Operand null;
    if (side == nullptr) side = &null;
    const Instruction& wanted = program_.code_[at + 1];
    Operand operand;
    if (!value(at + 1, operand)) return Truth::Error;
    if (wanted.op == Op::Literal && operand.type == json::Type::String) {
      return truth_of(equals_quoted(*side, operand.text));
    }
    return truth_of(operands_equal(*side, operand));
  }

  /// False when there is an error instead.
  bool value(std::uint32_t at, Operand& out) {
    const Instruction& code = program_.code_[at];
    switch (code.op) {
      case Op::Field: {
        const Operand* field = values_.get(code.a);
        if (field == nullptr) return false;
        out = *field;
        return true;
      }
      case Op::Literal:
        out.set(program_.constants_[code.a]);
        return true;
      case Op::Lower:
      case Op::Upper:
        if (!value(at + 1, out) || out.type != json::Type::String) return false;
        out.text = texts_.emplace_front(code.op == Op::Lower ? lower_case(out.text)
                                                             : upper_case(out.text));
        return true;
      case Op::Length: {
        Operand whole;
        if (!value(at + 1, whole)) return false;
        const auto length = length_of(whole);
        if (!length) return false;
        out.type = json::Type::Number;
        out.small = {static_cast<std::int64_t>(*length), 0};
        return true;
      }
      case Op::Abs:
        if (!value(at + 1, out) || out.type != json::Type::Number) return false;
        if (out.text.starts_with('-')) out.text.remove_prefix(1);
        out.small.mantissa = std::max(out.small.mantissa, -out.small.mantissa);
        return true;
      case Op::Coalesce:
        return coalesce(at, out);
      default: {
        const Truth inner = truth(code.op == Op::Truth ? at + 1 : at);
        out.set(inner == Truth::True);
        return inner != Truth::Error;
      }
    }
  }

  /// A missing path is what this function is for; an error of any other kind stays one.
  bool coalesce(std::uint32_t at, Operand& out) {
    const std::uint32_t end = program_.code_[at].end;
    for (std::uint32_t child = at + 1; child < end; child = program_.code_[child].end) {
      const Instruction& code = program_.code_[child];
      out = Operand();
      if (code.op == Op::Field && values_.missing(code.a)) continue;
      if (!value(child, out)) return false;
      if (out.type != json::Type::Null) return true;
    }
    out = Operand();
    return true;
  }

  const Program& program_;
  const Event& event_;
  SlotValues& values_;
  std::forward_list<std::string> texts_;  ///< what computed operands point at
};

Truth Program::run(const Event& event, SlotValues& values) const {
  return Machine(*this, event, values).truth(0);
}

}  // namespace observerd::condition
