#include "search/operation.hpp"

#include <optional>
#include <utility>

#include "base/json.hpp"

namespace observerd::search {
namespace {

/// What Elasticsearch takes at most, in bytes; the others are given no more.
constexpr std::size_t kLongestId = 512;

Verb verb_of(Choice choice, const std::string& kind) {
  switch (choice) {
    case Choice::Index:
      return Verb::Index;
    case Choice::Update:
      return Verb::Update;
    case Choice::Upsert:
      return Verb::Upsert;
    case Choice::Delete:
      return Verb::Delete;
    case Choice::Auto:
      break;
  }
  return kind == "delete" ? Verb::Delete : Verb::Index;
}

/// A key as text: of a composite one its JSON.
std::string key_of(const json::Value& event) {
  const json::Value* id = event.find("id");
  if (id == nullptr || id->is_null()) return {};
  return id->is_string() || id->is_number() ? id->text() : json::write(*id);
}

/// TRUNCATE comes as one deletion of nothing in particular (an empty key and type X.truncate).
bool is_truncate(const json::Value& event) {
  return event.string_or("kind") == "delete" && event.string_or("type").ends_with(".truncate") &&
         key_of(event).empty();
}

std::string with_id(const json::Value& document, const std::string& id_member,
                    const std::string& id) {
  if (id_member.empty()) return json::write(document);
  json::Value out = json::Value::object({{id_member, json::Value::string(id)}});
  for (const json::Member& member : document.members()) {
    if (member.first != id_member) out.set(member.first, member.second);
  }
  return json::write(out);
}

}  // namespace

std::variant<Operation, sdk::Result> read_operation(const sdk::Item& item,
                                                    const ActionSettings& action, Flavour flavour,
                                                    const std::string& id_member) {
  const auto event = json::parse(item.event(), Code::ActionSettings);
  if (!event || !event->is_object()) return sdk::rejected("bad_event", "the event is not JSON");
  const auto rendered = item.settings().empty()
                            ? Result<json::Value>(json::Value::object())
                            : json::parse(item.settings(), Code::ActionSettings);
  if (!rendered || !rendered->is_object()) {
    return sdk::rejected("bad_settings", "the rendered settings are not JSON");
  }
  if (is_truncate(*event)) {
    return sdk::rejected("search_truncated",
                         "TRUNCATE names no rows: empty the index yourself if it is meant to be");
  }
  Operation operation;
  operation.verb = verb_of(action.choice, event->string_or("kind"));
  operation.order = item.order();
  operation.has_fixed_index = action.has_fixed_index;
  operation.routing = rendered->string_or("routing", action.routing);
  operation.index = rendered->string_or("index", action.index);
  const std::string wrong = index_problem(operation.index, flavour);
  if (!wrong.empty()) return sdk::rejected("search_bad_index", "the index's name " + wrong);
  operation.id = action.has_id ? rendered->string_or("id", action.id) : key_of(*event);
  if (operation.id.empty() || operation.id.size() > kLongestId) {
    return sdk::rejected("search_no_id", "the id is empty, or longer than 512 bytes");
  }
  if (operation.verb == Verb::Delete) return operation;
  const json::Value* document =
      action.has_document ? rendered->find("document") : event->find("new");
  if (document == nullptr || !document->is_object()) {
    return sdk::rejected("search_no_document", "the event has no new row, and no document is set");
  }
  operation.document = with_id(*document, id_member, operation.id);
  return operation;
}

}  // namespace observerd::search
