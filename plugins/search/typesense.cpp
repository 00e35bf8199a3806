#include <string>
#include <string_view>
#include <utility>

#include "base/json.hpp"
#include "common/form.hpp"
#include "common/route_settings.hpp"
#include "search/engine.hpp"

namespace observerd::search {
namespace {

using common::Next;
using common::Response;

constexpr Milliseconds kFullPause{60'000};

const char* import_action(Verb verb) {
  switch (verb) {
    case Verb::Update:
      return "update";
    case Verb::Upsert:
      return "emplace";
    case Verb::Index:
    case Verb::Delete:
      break;
  }
  return "upsert";
}

std::string collection_path(const std::string& name) {
  return "/collections/" + common::percent_encode(name);
}

/// What one document's answer means: a line of an import, or the answer to a deletion.
sdk::Result judge(int status, const std::string& words) {
  std::string code = code_of("", status);
  std::string text = sentence(status, words);
  if (status == 401 || status == 403) return sdk::misconfigured(std::move(code), std::move(text));
  if (status == 429) return sdk::throttled(Milliseconds(0), std::move(code), std::move(text));
  if (status == 422 && words.find("OUT_OF_") != std::string::npos) {
    return sdk::retry(std::move(code), std::move(text)).after(kFullPause);
  }
  if (status == 408 || status < 400 || status >= 500) {
    return sdk::retry(std::move(code), std::move(text));
  }
  return sdk::rejected(std::move(code), std::move(text));
}

std::string words_of(const Response& response) {
  const auto answer = json::parse(response.body, Code::ActionFailed);
  return answer ? answer->string_or("message") : "";
}

/// Refusals of a whole request that Typesense has its own words for.
Next judge_whole(const Response& response, const Parts& parts) {
  const std::string words = words_of(response);
  const bool has_words = response.error == common::HttpError::None && !words.empty();
  if (has_words && response.status == 404) {
    std::string text = sentence(404, words);
    return common::for_all(parts.size(),
                           parts.front().operation.has_fixed_index
                               ? sdk::misconfigured("search_collection_not_found", std::move(text))
                               : sdk::rejected("search_collection_not_found", std::move(text)));
  }
  if (has_words && response.status == 422) {
    return common::for_all(parts.size(), judge(response.status, words));
  }
  return judge_refusal(response, parts.size());
}

/// One JSON object a line, in the order of what was sent.
Next judge_import(const Response& response, const Parts& parts) {
  if (!is_answer(response)) return judge_whole(response, parts);
  std::vector<sdk::Result> results;
  std::string_view rest = response.body;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const auto answer = json::parse(line, Code::ActionFailed);
    const json::Value* success = answer ? answer->find("success") : nullptr;
    if (success == nullptr || !success->is_boolean()) return bad_answer(response, parts.size());
    results.push_back(success->as_boolean()
                          ? sdk::delivered()
                          : judge(static_cast<int>(common::integer_or(*answer, "code", 0)),
                                  answer->string_or("error")));
  }
  if (results.size() != parts.size()) return bad_answer(response, parts.size());
  return {std::move(results)};
}

Next judge_deletion(const Response& response, const Parts& parts) {
  if (is_answer(response)) return common::for_all(parts.size(), sdk::delivered());
  const bool is_whole = response.error == common::HttpError::None;
  // "Could not find a document with id: 7": there is nothing to delete.
  if (is_whole && response.status == 404 &&
      words_of(response).find("document") != std::string::npos) {
    return common::for_all(parts.size(), sdk::delivered());
  }
  return judge_whole(response, parts);
}

/// Typesense.
class Typesense final : public Engine {
 public:
  explicit Typesense(const Nodes& nodes) : nodes_(nodes) {}

  std::variant<Part, sdk::Result> prepare(const sdk::Item& item,
                                          const ActionSettings& action) const override {
    auto read = read_operation(item, action, Flavour::Typesense, "id");
    if (auto* refused = std::get_if<sdk::Result>(&read)) return std::move(*refused);
    Part part;
    part.operation = std::get<Operation>(std::move(read));
    const Operation& operation = part.operation;
    part.path = collection_path(operation.index) + "/documents/";
    if (operation.verb == Verb::Delete) {
      part.path += common::percent_encode(operation.id);
      part.group = "DELETE " + part.path;  // one request each
      return part;
    }
    part.path += std::string("import?action=") + import_action(operation.verb);
    part.text = std::exchange(part.operation.document, {}) + "\n";
    part.bytes = part.text.size();
    part.group = "POST " + part.path;
    return part;
  }

  common::Step first_step(const std::shared_ptr<const Parts>& parts) const override {
    Query query;
    query.path = parts->front().path;
    const bool is_deletion = parts->front().operation.verb == Verb::Delete;
    if (is_deletion) {
      query.method = "DELETE";
      query.has_body = false;
    }
    query.content_type = "text/plain";
    for (const Part& part : *parts) query.body += part.text;
    return nodes_.step(std::move(query), [parts, is_deletion](const Response& response) {
      return is_deletion ? judge_deletion(response, *parts) : judge_import(response, *parts);
    });
  }

  Query probe(const ActionSettings& action) const override {
    Query query;
    query.method = "GET";
    query.path = action.has_fixed_index ? collection_path(action.index) : "/health";
    query.has_body = false;
    return query;
  }

 private:
  const Nodes& nodes_;
};

}  // namespace

std::unique_ptr<Engine> make_typesense_engine(const Nodes& nodes) {
  return std::make_unique<Typesense>(nodes);
}

}  // namespace observerd::search
