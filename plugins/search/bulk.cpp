#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "search/bulk_answer.hpp"
#include "search/engine.hpp"

namespace observerd::search {
namespace {

constexpr const char* kNdjson = "application/x-ndjson";
/// Of each item no more than is looked at; Elasticsearch before 1.6 answers more than that.
constexpr const char* kFilter =
    "filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason";

const char* action_name(Verb verb) {
  switch (verb) {
    case Verb::Index:
      return "index";
    case Verb::Delete:
      return "delete";
    case Verb::Update:
    case Verb::Upsert:
      break;
  }
  return "update";
}

void add(std::string& line, const char* name, const std::string& value) {
  line += std::string(",\"") + name + "\":";
  json::quote_to(line, value);
}

/// The line that says what is done. Names without a leading underscore are those of all versions
/// but for _index, _id and _type, which never changed.
std::string action_line(const Operation& operation, const ActionSettings& action) {
  std::string line = std::string("{\"") + action_name(operation.verb) + "\":{\"_index\":";
  json::quote_to(line, operation.index);
  if (!action.document_type.empty()) add(line, "_type", action.document_type);
  add(line, "_id", operation.id);
  if (!operation.routing.empty()) add(line, "routing", operation.routing);
  if (operation.verb == Verb::Index || operation.verb == Verb::Delete) {
    // "or equal": an event that is sent again writes the same again.
    line +=
        ",\"version\":" + std::to_string(operation.order) + ",\"version_type\":\"external_gte\"";
  }
  if (action.require_alias && operation.verb != Verb::Delete) line += ",\"require_alias\":true";
  return line + "}}\n";
}

/// Elasticsearch and OpenSearch.
class BulkEngine final : public Engine {
 public:
  BulkEngine(const Nodes& nodes, sdk::Host host) : nodes_(nodes), host_(host) {}

  std::variant<Part, sdk::Result> prepare(const sdk::Item& item,
                                          const ActionSettings& action) const override {
    auto read = read_operation(item, action, Flavour::Elasticsearch, "");
    if (auto* refused = std::get_if<sdk::Result>(&read)) return std::move(*refused);
    Part part;
    part.operation = std::get<Operation>(std::move(read));
    part.text = action_line(part.operation, action);
    const std::string document = std::exchange(part.operation.document, {});
    switch (part.operation.verb) {
      case Verb::Index:
        part.text += document + "\n";
        break;
      case Verb::Update:
        part.text += "{\"doc\":" + document + "}\n";
        break;
      case Verb::Upsert:
        part.text += "{\"doc\":" + document + ",\"doc_as_upsert\":true}\n";
        break;
      case Verb::Delete:
        break;
    }
    part.bytes = part.text.size();
    part.group = action.refresh;
    part.path = std::string("/_bulk?") + kFilter;
    if (action.refresh != "false") part.path += "&refresh=" + action.refresh;
    return part;
  }

  common::Step first_step(const std::shared_ptr<const Parts>& parts) const override {
    Query query;
    query.path = parts->front().path;
    query.content_type = kNdjson;
    for (const Part& part : *parts) query.body += part.text;
    return nodes_.step(std::move(query), [this, parts](const common::Response& response) {
      common::Next next = judge_bulk(response, *parts);
      count_superseded(next);
      return next;
    });
  }

  Query probe(const ActionSettings&) const override {
    Query query;
    query.method = "GET";
    query.path = "/";
    query.has_body = false;
    return query;
  }

  /// One who may only write may not look, which is fine.
  std::string probe_problem(const common::Response& response,
                            const ActionSettings& action) const override {
    if (response.error == common::HttpError::None && response.status == 403) return {};
    if (!is_answer(response)) return Engine::probe_problem(response, action);
    const auto answer = json::parse(response.body, Code::ActionFailed);
    const json::Value* version = answer ? answer->find("version") : nullptr;
    if (version != nullptr && !version->string_or("number").empty()) return {};
    return "what answers there is neither Elasticsearch nor OpenSearch";
  }

 private:
  void count_superseded(const common::Next& next) const {
    const auto* results = std::get_if<std::vector<sdk::Result>>(&next.what);
    if (results == nullptr) return;
    const auto count = std::count_if(results->begin(), results->end(), [](const auto& result) {
      return result.remote_id == kSuperseded;
    });
    if (count > 0) host_.count("superseded_total", static_cast<double>(count));
  }

  const Nodes& nodes_;
  const sdk::Host host_;
};

}  // namespace

std::unique_ptr<Engine> make_bulk_engine(const Nodes& nodes, sdk::Host host) {
  return std::make_unique<BulkEngine>(nodes, host);
}

}  // namespace observerd::search
