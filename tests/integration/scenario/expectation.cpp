#include "expectation.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "support/postgres.hpp"

namespace observerd::testing {
namespace {

const std::set<std::string> kMembers{"requests", "dead_letters", "events",    "retries",
                                     "bad_rows", "log",          "log_lacks", "unsettled"};

/// Every member of `wanted` stands in `found`, objects compared member by member; numbers to the
/// letter.
bool contains(const json::Value& found, const json::Value& wanted) {
  if (!wanted.is_object()) return json::write(found) == json::write(wanted);
  if (!found.is_object()) return false;
  for (const auto& [name, member] : wanted.members()) {
    const json::Value* value = found.find(name);
    if (value == nullptr || !contains(*value, member)) return false;
  }
  return true;
}

std::string written(const std::vector<std::string>& lines) {
  if (lines.empty()) return "none";
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "[" : " | ") + line;
  return text + "]";
}

/// Compares requests of one path; remembers which delivery a label stands for.
class RequestCheck {
 public:
  explicit RequestCheck(std::vector<std::string>& problems) : problems_(problems) {}

  void check(const std::string& place, const std::vector<HttpRequest>& requests,
             const json::Value& wanted) {
    if (requests.size() != wanted.items().size()) {
      std::vector<std::string> bodies;
      for (const HttpRequest& request : requests) bodies.push_back(request.body);
      problems_.push_back(place + ": " + std::to_string(requests.size()) + " requests and not " +
                          std::to_string(wanted.items().size()) + ": " + written(bodies));
      return;
    }
    for (std::size_t i = 0; i < requests.size(); ++i) {
      where_ = place + ", request " + std::to_string(i + 1);
      for (const auto& [name, value] : wanted.items()[i].members()) {
        member(name, value, requests[i], i > 0 ? &requests[i - 1] : nullptr);
      }
    }
  }

 private:
  void member(const std::string& name, const json::Value& wanted, const HttpRequest& request,
              const HttpRequest* before) {
    if (name == "method") {
      equal("method", request.method, wanted.text());
    } else if (name == "body") {
      equal("body", request.body, wanted.is_string() ? wanted.text() : json::write(wanted));
    } else if (name == "event") {
      const auto body = json::parse(request.body, Code::BadEvent);
      if (!body || !contains(*body, wanted)) {
        problem("the event is " + request.body + " and lacks " + json::write(wanted));
      }
    } else if (name == "headers") {
      for (const auto& [header, text] : wanted.members()) {
        equal(header, request.header(header), text.text());
      }
    } else if (name == "delivery") {
      delivery(wanted.text(), request.header("Idempotency-Key"));
    } else if (name == "at_least_ms_later" || name == "at_most_ms_later") {
      const bool at_least = name == "at_least_ms_later";
      const auto gap = std::chrono::duration_cast<std::chrono::milliseconds>(
          request.time - (before ? before->time : request.time));
      const int bound = std::stoi(wanted.text());
      if (at_least ? gap.count() < bound : gap.count() > bound) {
        problem("came " + std::to_string(gap.count()) + " ms after the one before");
      }
    } else {
      throw std::runtime_error("a request has no \"" + name + "\"");
    }
  }

  void equal(const std::string& what, const std::string& found, const std::string& wanted) {
    if (found != wanted) problem(what + " is " + found + " and not " + wanted);
  }
  void delivery(const std::string& label, const std::string& id) {
    const auto [known, is_new] = deliveries_.emplace(label, id);
    if (!is_new) equal("the id of delivery " + label, id, known->second);
    if (is_new && !ids_.insert(id).second) problem("delivery " + label + " has the id of another");
  }
  void problem(const std::string& text) { problems_.push_back(where_ + ": " + text); }

  std::vector<std::string>& problems_;
  std::string where_;
  std::map<std::string, std::string> deliveries_;
  std::set<std::string> ids_;
};

}  // namespace

std::vector<std::string> Expectation::problems(const std::string& log) const {
  for (const auto& [name, value] : expected_.members()) {
    if (kMembers.count(name) == 0) throw std::runtime_error("expect has no \"" + name + "\"");
  }
  std::vector<std::string> problems;
  check_requests(problems);
  check_dead_letters(problems);
  check_rows("events", false,
             "SELECT concat_ws(' ', coalesce(entity_name, entity_type), entity_key, event_type,"
             " status) FROM observer.observer_events ORDER BY outbox_id",
             problems);
  check_rows("retries", true,
             "SELECT concat_ws(' ', observer || '/' || action, entity_key, state, attempts,"
             " nullif(reason, '')) FROM observer.retries ORDER BY outbox_id, observer, action",
             problems);
  check_rows("bad_rows", true,
             "SELECT concat_ws(' ', entity, entity_key) FROM observer.bad_rows ORDER BY outbox_id",
             problems);
  check_log(log, problems);
  return problems;
}

bool Expectation::is_beyond_hope() const {
  const json::Value* wanted = expected_.find("requests");
  for (const auto& [place, requests] : receivers_.requests()) {
    const json::Value* list = wanted == nullptr ? nullptr : wanted->find(place);
    if (list == nullptr || requests.size() > list->items().size()) return true;
  }
  return false;
}

void Expectation::check_requests(std::vector<std::string>& problems) const {
  static const json::Value none = json::Value::array();
  std::map<std::string, const json::Value*> wanted;
  if (const json::Value* requests = expected_.find("requests")) {
    for (const auto& [place, list] : requests->members()) wanted[place] = &list;
  }
  auto found = receivers_.requests();
  for (const auto& [place, list] : found) wanted.emplace(place, &none);
  RequestCheck check(problems);
  for (const auto& [place, list] : wanted) check.check(place, found[place], *list);
  for (const std::string& violation : receivers_.violations()) problems.push_back(violation);
}

void Expectation::check_dead_letters(std::vector<std::string>& problems) const {
  static const json::Value none = json::Value::array();
  const json::Value* wanted = expected_.find("dead_letters");
  if (wanted == nullptr) wanted = &none;
  const Rows rows = run_sql(
      database_,
      "SELECT json_build_object('observer', observer, 'action', action, 'status', i.status,"
      " 'error', error, 'code', error_code, 'message', error_message, 'attempts', attempt_count,"
      " 'max_attempts', max_attempts, 'type', action_type, 'config', action_config, 'key',"
      " entity_key, 'event', e.status, 'data', coalesce(new_row, old_row), 'history',"
      " (SELECT json_agg(result ORDER BY h.id) FROM observer.observer_dlq_history h"
      "   WHERE h.dlq_item_id = i.id))"
      " FROM observer.observer_dlq_items i JOIN observer.observer_events e ON e.id = i.event_id"
      " ORDER BY e.outbox_id, observer, action");
  std::vector<std::string> lines;
  for (const auto& row : rows) lines.push_back(row[0]);
  if (lines.size() != wanted->items().size()) {
    problems.push_back("dead letters are " + written(lines));
    return;
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    json::Value expected = wanted->items()[i];
    const auto letter = json::parse(lines[i], Code::DeadLetterQueue);
    if (!letter) throw std::runtime_error(letter.status().to_string());
    // Of a message, a part is enough.
    if (json::Value* message = expected.find("message")) {
      const std::string text = letter->string_or("message");
      if (text.find(message->text()) != std::string::npos) *message = json::Value::string(text);
    }
    if (!contains(*letter, expected)) {
      problems.push_back("dead letter " + std::to_string(i + 1) + " is " + lines[i] +
                         " and lacks " + json::write(expected));
    }
  }
}

void Expectation::check_rows(const char* member, bool by_default, const std::string& sql,
                             std::vector<std::string>& problems) const {
  const json::Value* wanted = expected_.find(member);
  if (wanted == nullptr && !by_default) return;
  std::vector<std::string> expected, found;
  if (wanted != nullptr) {
    for (const json::Value& line : wanted->items()) expected.push_back(line.text());
  }
  for (const auto& row : run_sql(database_, sql)) found.push_back(row[0]);
  const bool same = std::equal(found.begin(), found.end(), expected.begin(), expected.end(),
                               [](const std::string& line, const std::string& beginning) {
                                 return line.rfind(beginning, 0) == 0;
                               });
  if (!same) {
    problems.push_back(std::string(member) + " are " + written(found) + " and not " +
                       written(expected));
  }
}

void Expectation::check_log(const std::string& log, std::vector<std::string>& problems) const {
  for (const char* member : {"log", "log_lacks"}) {
    const json::Value* texts = expected_.find(member);
    if (texts == nullptr) continue;
    const bool should = std::string(member) == "log";
    for (const json::Value& text : texts->items()) {
      if ((log.find(text.text()) != std::string::npos) != should) {
        problems.push_back("the log " + std::string(should ? "lacks" : "has") + " \"" +
                           text.text() + "\":\n" + log);
      }
    }
  }
}

}  // namespace observerd::testing
