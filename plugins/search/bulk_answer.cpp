#include "search/bulk_answer.hpp"

#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "common/route_settings.hpp"

namespace observerd::search {
namespace {

constexpr Milliseconds kReadOnlyPause{60'000};

bool has_version(Verb verb) {
  return verb == Verb::Index || verb == Verb::Delete;
}

sdk::Result no_index(const Operation& operation, std::string code, std::string text) {
  if (operation.has_fixed_index) return sdk::misconfigured(std::move(code), std::move(text));
  return sdk::rejected(std::move(code), std::move(text));
}

sdk::Result judge_error(const Operation& operation, int status, const std::string& type,
                        const std::string& reason) {
  std::string code = code_of(type, status);
  std::string text = sentence(status, reason);
  if (status == 409) {
    if (has_version(operation.verb)) return sdk::delivered(kSuperseded);
    return sdk::retry(std::move(code), std::move(text));
  }
  if (type == "index_not_found_exception" || type == "index_closed_exception") {
    return no_index(operation, std::move(code), std::move(text));
  }
  if (type == "cluster_block_exception") {
    return sdk::retry(std::move(code), std::move(text)).after(kReadOnlyPause);
  }
  if (status == 401 || status == 403) return sdk::misconfigured(std::move(code), std::move(text));
  if (status == 429) return sdk::throttled(Milliseconds(0), std::move(code), std::move(text));
  if (status == 408 || status >= 500) return sdk::retry(std::move(code), std::move(text));
  return sdk::rejected(std::move(code), std::move(text));
}

/// Today's name of what an old sentence speaks of, as far as that matters; else "".
std::string old_type(const std::string& sentence) {
  if (sentence.starts_with("ClusterBlockException")) return "cluster_block_exception";
  if (sentence.starts_with("IndexMissingException")) return "index_not_found_exception";
  if (sentence.starts_with("IndexClosedException")) return "index_closed_exception";
  return {};
}

/// The error's own words: an object, of Elasticsearch before 5 a sentence "TypeException[…]".
sdk::Result judge_item(const Operation& operation, const json::Value& answer) {
  const int status = static_cast<int>(common::integer_or(answer, "status", 0));
  const json::Value* error = answer.find("error");
  if (status >= 200 && status < 300) return sdk::delivered();
  const bool has_error = error != nullptr && !error->is_null();
  if (status == 404 && operation.verb == Verb::Delete && !has_error) return sdk::delivered();
  if (!has_error) return judge_error(operation, status, "", "");
  if (error->is_object()) {
    return judge_error(operation, status, error->string_or("type"), error->string_or("reason"));
  }
  const std::string text = error->is_string() ? error->text() : "";
  return judge_error(operation, status, old_type(text), text);
}

/// {"index": {"status": 201, …}}: what is inside.
const json::Value* inside(const json::Value& item) {
  if (!item.is_object() || item.members().size() != 1) return nullptr;
  const json::Value& answer = item.members().front().second;
  return common::integer_or(answer, "status", 0) == 0 ? nullptr : &answer;
}

}  // namespace

common::Next judge_bulk(const common::Response& response, const Parts& parts) {
  if (!is_answer(response)) return judge_refusal(response, parts.size());
  const auto answer = json::parse(response.body, Code::ActionFailed);
  const json::Value* items = answer ? answer->find("items") : nullptr;
  if (items == nullptr || !items->is_array() || items->items().size() != parts.size()) {
    return bad_answer(response, parts.size());
  }
  std::vector<sdk::Result> results;
  results.reserve(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const json::Value* item = inside(items->items()[i]);
    if (item == nullptr) return bad_answer(response, parts.size());
    results.push_back(judge_item(parts[i].operation, *item));
  }
  return {std::move(results)};
}

}  // namespace observerd::search
