#include <algorithm>
#include <string>
#include <utility>

#include "base/json.hpp"
#include "common/classify.hpp"
#include "common/form.hpp"
#include "common/route_settings.hpp"
#include "search/engine.hpp"

namespace observerd::search {
namespace {

using common::Next;
using common::Response;

constexpr Milliseconds kFirstLook{25};
constexpr Milliseconds kLongestLook{1'000};

/// What an error says: of an answer, or of a task that failed. All parts of a task fail together.
Next judge_error(const json::Value& error, const Parts& parts, int status) {
  const std::string word = error.string_or("code");
  const std::string type = error.string_or("type");
  std::string code = code_of(word, status);
  std::string text = sentence(status, error.string_or("message"));
  const bool is_no_index = word == "index_not_found";
  if (is_no_index && !parts.front().operation.has_fixed_index) {
    return common::for_all(parts.size(), sdk::rejected(std::move(code), std::move(text)));
  }
  if (is_no_index || type == "auth" || word.starts_with("index_primary_key_")) {
    return common::for_all(parts.size(), sdk::misconfigured(std::move(code), std::move(text)));
  }
  if (type == "invalid_request") {
    return {common::Split{sdk::rejected(std::move(code), std::move(text))}};
  }
  return common::for_all(parts.size(), sdk::retry(std::move(code), std::move(text)));
}

/// Meilisearch (its API of 1.x): a change is a task, whose end is asked for.
class Meilisearch final : public Engine {
 public:
  explicit Meilisearch(const Nodes& nodes) : nodes_(nodes) {}

  std::variant<Part, sdk::Result> prepare(const sdk::Item& item,
                                          const ActionSettings& action) const override {
    auto read = read_operation(item, action, Flavour::Meilisearch, action.primary_key);
    if (auto* refused = std::get_if<sdk::Result>(&read)) return std::move(*refused);
    Part part;
    part.operation = std::get<Operation>(std::move(read));
    part.path = "/indexes/" + part.operation.index + "/documents";
    if (part.operation.verb == Verb::Delete) {
      part.path += "/delete-batch";
      part.text = json::quote(part.operation.id);
    } else {
      part.path += "?primaryKey=" + common::percent_encode(action.primary_key);
      part.text = std::exchange(part.operation.document, {});
    }
    part.bytes = part.text.size() + 1;
    part.group = method_of(part) + (" " + part.path);
    return part;
  }

  common::Step first_step(const std::shared_ptr<const Parts>& parts) const override {
    Query query;
    query.method = method_of(parts->front());
    query.path = parts->front().path;
    query.body = "[";
    for (const Part& part : *parts) {
      if (query.body.size() > 1) query.body += ',';
      query.body += part.text;
    }
    query.body += ']';
    return nodes_.step(std::move(query), [this, parts](const Response& response) {
      return enqueued(response, parts);
    });
  }

  Query probe(const ActionSettings&) const override { return look("?limit=1"); }

 private:
  /// POST replaces documents, PUT changes the attributes that are given.
  static const char* method_of(const Part& part) {
    return part.operation.verb == Verb::Upsert ? "PUT" : "POST";
  }
  static Query look(const std::string& rest) {
    Query query;
    query.method = "GET";
    query.path = "/tasks" + rest;
    query.has_body = false;
    return query;
  }

  Next enqueued(const Response& response, const std::shared_ptr<const Parts>& parts) const {
    const auto answer = json::parse(response.body, Code::ActionFailed);
    const bool is_object = answer && answer->is_object();
    if (!is_answer(response)) {
      const bool has_words = response.error == common::HttpError::None && response.status != 413 &&
                             is_object && !answer->string_or("code").empty();
      return has_words ? judge_error(*answer, *parts, response.status)
                       : judge_refusal(response, parts->size());
    }
    const std::int64_t task = is_object ? common::integer_or(*answer, "taskUid", -1) : -1;
    if (task < 0) return bad_answer(response, parts->size());
    return {look_later(task, kFirstLook, parts)};
  }

  common::Step look_later(std::int64_t task, Milliseconds wait,
                          const std::shared_ptr<const Parts>& parts) const {
    const Milliseconds longer = std::min(wait * 2, kLongestLook);
    common::Step step = nodes_.step(look("/" + std::to_string(task)),
                                    [this, task, longer, parts](const Response& response) {
                                      return looked(response, task, longer, parts);
                                    });
    step.not_before = std::chrono::steady_clock::now() + wait;
    return step;
  }

  Next looked(const Response& response, std::int64_t task, Milliseconds wait,
              const std::shared_ptr<const Parts>& parts) const {
    if (!is_answer(response)) {
      sdk::Result result = common::classify(response, std::chrono::system_clock::now());
      // What became of the task is not known: to send it again does no harm.
      if (result.outcome == OBSERVERD_REJECTED || result.outcome == OBSERVERD_GONE) {
        result = sdk::retry("search_task_unknown", std::move(result.message));
      }
      return common::for_all(parts->size(), result);
    }
    const auto answer = json::parse(response.body, Code::ActionFailed);
    const std::string status = answer ? answer->string_or("status") : "";
    if (status == "succeeded") {
      return common::for_all(parts->size(), sdk::delivered("task " + std::to_string(task)));
    }
    if (status == "enqueued" || status == "processing") return {look_later(task, wait, parts)};
    const json::Value* error = answer ? answer->find("error") : nullptr;
    if (status == "failed" && error != nullptr && error->is_object()) {
      return judge_error(*error, *parts, response.status);
    }
    if (status != "failed" && status != "canceled") return bad_answer(response, parts->size());
    return common::for_all(parts->size(),
                           sdk::retry("search_task_" + status, "the task was " + status));
  }

  const Nodes& nodes_;
};

}  // namespace

std::unique_ptr<Engine> make_meilisearch_engine(const Nodes& nodes) {
  return std::make_unique<Meilisearch>(nodes);
}

}  // namespace observerd::search
