#include <algorithm>
#include <array>
#include <charconv>

#include "base/json.hpp"
#include "store/arrays.hpp"
#include "store/writes.hpp"

namespace observerd::store {
namespace {

std::int64_t integer_or_zero(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  if (value == nullptr || !value->is_number()) return 0;
  std::int64_t number = 0;
  const std::string& text = value->text();
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::string_view result_word(std::string_view result) {
  constexpr std::array<std::string_view, 4> kWords{"success", "transient_error", "permanent_error",
                                                   "unknown"};
  const auto* found = std::find(kWords.begin(), kWords.end(), result);
  return found != kWords.end() ? *found : std::string_view("unknown");
}

std::string history_json(const std::vector<Attempt>& history) {
  json::Value list = json::Value::array();
  for (const Attempt& attempt : history) {
    json::Value item = json::Value::object();
    item.set("number", json::Value::integer(attempt.number));
    item.set("at_us", json::Value::integer(to_microseconds(attempt.at)));
    item.set("took_ms", json::Value::integer(attempt.took.count()));
    item.set("result", json::Value::string(std::string(result_word(attempt.result))));
    item.set("code", json::Value::string(storable_text(attempt.code)));
    item.set("message", json::Value::string(storable_text(attempt.message)));
    list.push_back(std::move(item));
  }
  return json::write(list);
}

std::vector<Attempt> parse_history(std::string_view text) {
  std::vector<Attempt> history;
  const Result<json::Value> list = json::parse(text, Code::Storage);
  if (!list.ok() || !list->is_array()) return history;
  for (const json::Value& item : list->items()) {
    Attempt attempt;
    attempt.number = static_cast<int>(integer_or_zero(item, "number"));
    attempt.at = from_microseconds(integer_or_zero(item, "at_us"));
    attempt.took = Milliseconds(integer_or_zero(item, "took_ms"));
    attempt.result = item.string_or("result");
    attempt.code = item.string_or("code");
    attempt.message = item.string_or("message");
    history.push_back(std::move(attempt));
  }
  return history;
}

}  // namespace observerd::store
