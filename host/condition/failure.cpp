#include "condition/evaluator.hpp"

namespace observerd::condition {
namespace {

/// The sub-expression as far as it fits into a line of a log.
std::string shortened(const Node& node) {
  constexpr std::size_t kMost = 200;
  std::string text = print(node);
  if (text.size() <= kMost) return text;
  std::size_t end = kMost;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

std::string_view with_article(EventKind kind) {
  switch (kind) {
    case EventKind::Insert:
      return "an insert";
    case EventKind::Update:
      return "an update";
    case EventKind::Delete:
      return "a delete";
    case EventKind::Custom:
      return "a custom event";
  }
  return "";
}

}  // namespace

const char* type_text(json::Type type) {
  switch (type) {
    case json::Type::Null:
      return "null";
    case json::Type::Boolean:
      return "a boolean";
    case json::Type::Number:
      return "a number";
    case json::Type::String:
      return "a text";
    case json::Type::Array:
      return "an array";
    case json::Type::Object:
      return "an object";
  }
  return "";
}

Status Failure::status(const Event& event) const {
  const std::string field = path != nullptr ? '"' + path->to_string() + '"' : "";
  std::string why;
  switch (reason) {
    case Reason::None:
      return {};
    case Reason::MissingField:
      why = "the field " + field + " is missing";
      break;
    case Reason::MissingRow: {
      const bool old_row = path->root == FieldPath::Root::Old ||
                           (path->root == FieldPath::Root::Row && event.kind == EventKind::Delete);
      const bool should_be_there =
          event.kind == EventKind::Update || (old_row == (event.kind == EventKind::Delete));
      why = "the field " + field + " is missing: " +
            (should_be_there
                 ? "the event came without its " + std::string(old_row ? "old" : "new")
                 : std::string(with_article(event.kind)) + " has no " + (old_row ? "old" : "new")) +
            " row";
      break;
    }
    case Reason::NotBoolean:
      why = std::string("it is ") + type_text(left) + ", neither true nor false";
      break;
    case Reason::NotOrdered:
      why =
          std::string("there is no order between ") + type_text(left) + " and " + type_text(right);
      break;
    case Reason::NotText:
      why = std::string("it needs a text and found ") + type_text(left);
      break;
    case Reason::NotNumber:
      why = std::string("it needs a number and found ") + type_text(left);
      break;
    case Reason::NoContents:
      why = std::string("it needs a text, an array or an object and found ") + type_text(left);
      break;
    case Reason::NoLength:
      why = std::string(type_text(left)) + " has no length";
      break;
    case Reason::NoOldRow:
      why = "whether " + field + " changed is unknown: the update came without its " +
            (event.new_row ? "old" : "new") + " row";
      break;
  }
  return Status::error(Code::ConditionEvaluation, shortened(*node) + ": " + why);
}

}  // namespace observerd::condition
