#include "matching/other_ways.hpp"

#include <algorithm>

#include "base/rapidjson.hpp"
#if defined(OBSERVERD_HAS_SIMDJSON)
#include <simdjson.h>
#endif

namespace observerd::bench {
namespace {

constexpr EventKind kAllKinds[] = {EventKind::Insert, EventKind::Update, EventKind::Delete,
                                   EventKind::Custom};

struct Visitor : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Visitor> {};

bool read_with_rapidjson(const std::string& text) {
  constexpr unsigned kFlags =
      rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag;
  static thread_local rapidjson::Reader reader;
  rapidjson::MemoryStream stream(text.data(), text.size());
  Visitor visitor;
  return !reader.Parse<kFlags>(stream, visitor).IsError();
}

#if defined(OBSERVERD_HAS_SIMDJSON)
using namespace simdjson;

bool visit(ondemand::value value) {
  ondemand::json_type type{};
  if (value.type().get(type) != SUCCESS) return false;
  switch (type) {
    case ondemand::json_type::object: {
      ondemand::object object;
      if (value.get_object().get(object) != SUCCESS) return false;
      for (auto field : object) {
        std::string_view key;
        ondemand::value child;
        if (field.unescaped_key().get(key) != SUCCESS || field.value().get(child) != SUCCESS ||
            !visit(child)) {
          return false;
        }
      }
      return true;
    }
    case ondemand::json_type::array: {
      ondemand::array array;
      if (value.get_array().get(array) != SUCCESS) return false;
      for (auto element : array) {
        ondemand::value child;
        if (element.get(child) != SUCCESS || !visit(child)) return false;
      }
      return true;
    }
    case ondemand::json_type::string: {
      std::string_view string;
      return value.get_string().get(string) == SUCCESS;
    }
    case ondemand::json_type::number: {
      double number = 0;
      return value.get_double().get(number) == SUCCESS;
    }
    case ondemand::json_type::boolean: {
      bool boolean = false;
      return value.get_bool().get(boolean) == SUCCESS;
    }
    case ondemand::json_type::null:
      return value.is_null();
  }
  return false;
}

bool read_with_simdjson(const std::string& text) {
  static thread_local ondemand::parser parser;
  static thread_local std::string padded;
  padded.reserve(text.size() + SIMDJSON_PADDING);
  padded = text;
  ondemand::document document;
  if (parser.iterate(padded_string_view(padded.data(), padded.size(), padded.capacity()))
          .get(document) != SUCCESS) {
    return false;
  }
  ondemand::value value;
  return document.get_value().get(value) == SUCCESS && visit(value);
}
#endif

}  // namespace

EvaluateAll::EvaluateAll(const std::vector<matcher::Rule>& rules) {
  std::vector<std::string> entities;
  for (const matcher::Rule& rule : rules) entities.push_back(rule.entity);
  std::sort(entities.begin(), entities.end());
  entities.erase(std::unique(entities.begin(), entities.end()), entities.end());
  for (const matcher::Rule& rule : rules) {
    for (const EventKind kind : kAllKinds) {
      const bool wanted = rule.kinds.empty() ||
                          std::find(rule.kinds.begin(), rule.kinds.end(), kind) != rule.kinds.end();
      if (!wanted) continue;
      by_kind_[{rule.entity, kind}].push_back(&rule);
      if (rule.entity != "*") continue;
      for (const std::string& entity : entities) {
        if (entity != "*") by_kind_[{entity, kind}].push_back(&rule);
      }
    }
  }
}

void EvaluateAll::match(const Event& event, std::vector<std::size_t>& fired) const {
  auto found = by_kind_.find({event.entity, event.kind});
  if (found == by_kind_.end()) found = by_kind_.find({"*", event.kind});
  if (found == by_kind_.end()) return;
  for (const matcher::Rule* rule : found->second) {
    if (rule->condition.test(event) == condition::Truth::True) fired.push_back(rule->index);
  }
}

std::vector<std::pair<std::string, RowReader>> other_readers() {
  std::vector<std::pair<std::string, RowReader>> out{{"rapidjson sax", read_with_rapidjson}};
#if defined(OBSERVERD_HAS_SIMDJSON)
  out.emplace_back("simdjson on-demand", read_with_simdjson);
#endif
  return out;
}

}  // namespace observerd::bench
