#include <algorithm>

#include "condition/evaluator.hpp"
#include "condition/unicode.hpp"

namespace observerd::condition {
namespace {

/// A repeated name is one key.
std::size_t count_keys(const json::Value::Object& members) {
  std::vector<std::string_view> names;
  names.reserve(members.size());
  for (const json::Member& member : members) names.emplace_back(member.first);
  std::sort(names.begin(), names.end());
  return static_cast<std::size_t>(std::unique(names.begin(), names.end()) - names.begin());
}

}  // namespace

Operand Evaluator::value(const Node& node) {
  switch (node.kind) {
    case NodeKind::Literal: {
      const auto& constant = std::get<Constant>(node.payload);
      Operand out;
      out.type = constant.value.type();
      if (out.type == json::Type::Boolean) out.boolean = constant.value.as_boolean();
      if (out.type == json::Type::Number || out.type == json::Type::String) {
        out.text = constant.value.text();
      }
      out.small = constant.small;
      return out;
    }
    case NodeKind::Path: {
      Operand out;
      return look_up(node, out) ? out : missing(node);
    }
    case NodeKind::Call:
      if (is_value_function(node.function)) return value_call(node);
      break;
    default:
      break;
  }
  const Truth inner = truth(node);
  return inner == Truth::Error ? Operand::error() : Operand::of(inner == Truth::True);
}

const json::Value* Evaluator::find(const FieldPath& path) const {
  const json::Value* row = nullptr;
  if (path.root == FieldPath::Root::New) {
    row = event_.new_row ? &*event_.new_row : nullptr;
  } else if (path.root == FieldPath::Root::Old) {
    row = event_.old_row ? &*event_.old_row : nullptr;
  } else {
    row = event_.row();
  }
  return resolve_steps(row, path.steps);
}

bool Evaluator::look_up(const Node& node, Operand& out) {
  const FieldPath& path = node.path();
  if (path.root == FieldPath::Root::Event) {
    out = event_member(std::get<std::string>(path.steps.front()));
    return true;
  }
  const json::Value* value = find(path);
  if (value == nullptr) return false;
  out = Operand::of(*value);
  return true;
}

/// The same as resolve() gives, without copies of what the event holds as text.
Operand Evaluator::event_member(std::string_view name) {
  if (name == "kind") return Operand::of(kind_name(event_.kind));
  if (name == "entity") return Operand::of(std::string_view(event_.entity));
  if (name == "id") return Operand::of(std::string_view(event_.key));
  if (name == "type") return Operand::of(std::string_view(event_.type));
  if (name == "time") return Operand::of(keep(format_time(event_.created)));
  if (name == "event_id") return Operand::of(keep(event_.id.to_string()));
  return event_.user.empty() ? Operand() : Operand::of(std::string_view(event_.user));
}

Operand Evaluator::missing(const Node& node) {
  const FieldPath& path = node.path();
  const bool no_row = path.root == FieldPath::Root::Old   ? !event_.old_row.has_value()
                      : path.root == FieldPath::Root::New ? !event_.new_row.has_value()
                                                          : event_.row() == nullptr;
  return fail_value(node,
                    {.reason = no_row ? Failure::Reason::MissingRow : Failure::Reason::MissingField,
                     .path = &path});
}

std::string_view Evaluator::keep(std::string text) {
  return texts_.emplace_front(std::move(text));
}

Operand Evaluator::value_call(const Node& node) {
  if (node.function == Function::Coalesce) return coalesce(node);
  Operand argument = value(node.children[0]);
  if (argument.failed) return argument;
  if (node.function == Function::Length) return length(node, argument);
  if (node.function == Function::Abs) {
    if (argument.type != json::Type::Number) {
      return fail_value(node, {.reason = Failure::Reason::NotNumber, .left = argument.type});
    }
    if (argument.text.starts_with('-')) argument.text.remove_prefix(1);
    argument.small.mantissa = std::max(argument.small.mantissa, -argument.small.mantissa);
    return argument;
  }
  if (argument.type != json::Type::String) {
    return fail_value(node, {.reason = Failure::Reason::NotText, .left = argument.type});
  }
  return Operand::of(
      keep(node.function == Function::Lower ? to_lower(argument.text) : to_upper(argument.text)));
}

/// A missing path is what this function is for; an error of any other kind stays one.
Operand Evaluator::coalesce(const Node& node) {
  for (const Node& child : node.children) {
    Operand operand;
    if (child.kind == NodeKind::Path) {
      if (!look_up(child, operand)) continue;
    } else {
      operand = value(child);
    }
    if (operand.failed || operand.type != json::Type::Null) return operand;
  }
  return {};
}

Operand Evaluator::length(const Node& node, const Operand& argument) {
  std::size_t count = 0;
  if (argument.type == json::Type::String) {
    count = count_code_points(argument.text);
  } else if (argument.type == json::Type::Array) {
    count = argument.json->items().size();
  } else if (argument.type == json::Type::Object) {
    count = count_keys(argument.json->members());
  } else {
    return fail_value(node, {.reason = Failure::Reason::NoLength, .left = argument.type});
  }
  Operand out;
  out.type = json::Type::Number;
  out.small = {static_cast<std::int64_t>(count), 0};
  return out;
}

}  // namespace observerd::condition
