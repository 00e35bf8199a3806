#include "app/views/replay_view.hpp"

#include <algorithm>
#include <memory>
#include <unordered_set>

#include "app/views/events_view.hpp"
#include "base/strings.hpp"
#include "delivery/work.hpp"
#include "matcher/matcher.hpp"
#include "store/replay.hpp"

namespace observerd::app::views {
namespace {

using config::ActionSettings;
using config::ObserverSettings;
using config::Sequence;
using store::ReplayOutcome;

/// Events read at a time. What follows from one page may be several transactions.
constexpr int kPage = 200;

template <typename Named>
std::vector<std::string> names_of(const std::vector<Named>& list) {
  std::vector<std::string> names;
  for (const Named& one : list) names.push_back(one.name);
  return names;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Status check_names(const config::Settings& settings, const ReplayRequest& request) {
  const std::vector<std::string> observers = names_of(settings.observers);
  if (!request.observer.empty() && !has(observers, request.observer)) {
    return Status::error(Code::Configuration, "there is no observer \"" + request.observer + "\"" +
                                                  did_you_mean(request.observer, observers));
  }
  if (request.action.empty()) return {};
  std::vector<std::string> actions;
  for (const ObserverSettings& observer : settings.observers) {
    if (!request.observer.empty() && observer.name != request.observer) continue;
    for (const ActionSettings& action : observer.actions) actions.push_back(action.name);
  }
  if (has(actions, request.action)) return {};
  return Status::error(Code::Configuration,
                       (request.observer.empty() ? std::string("no observer")
                                                 : "observer \"" + request.observer + "\"") +
                           " has an action \"" + request.action + "\"" +
                           did_you_mean(request.action, actions));
}

class Replayer {
 public:
  Replayer(postgres::Connection& connection, const config::Settings& settings,
           const ReplayRequest& request)
      : connection_(connection), settings_(settings), request_(request) {
    report_.dry_run = request.dry_run;
    report_.new_ids = request.new_ids;
    std::vector<matcher::Rule> rules;
    for (std::size_t i = 0; i < settings.observers.size(); ++i) {
      const ObserverSettings& observer = settings.observers[i];
      starts_.emplace_back();
      if (!request.observer.empty() && observer.name != request.observer) continue;
      matcher::Rule rule{observer.entity, observer.events, condition::Condition::always(),
                         observer.enabled, i};
      if (!observer.when.empty()) {
        // Checked when the configuration was read.
        Result<condition::Condition> condition = condition::Condition::parse(observer.when);
        if (condition) rule.condition = std::move(*condition);
      }
      rules.push_back(std::move(rule));
      find_starts(observer, starts_.back());
    }
    matcher_ = std::make_unique<const matcher::Matcher>(rules);
  }

  Status add(const std::vector<store::WholeEvent>& events) {
    for (const store::WholeEvent& whole : events) {
      ++report_.events;
      if (whole.problem.empty()) {
        add(whole.event);
      } else {
        ++report_.unreadable;
      }
      if (replays_.size() >= kBatch) {
        if (Status status = flush(); !status.ok()) return status;
      }
    }
    return {};
  }

  /// Writes what was gathered.
  Status flush() {
    const auto outcomes = request_.dry_run ? store::plan_replays(connection_, replays_)
                                           : store::schedule_replays(connection_, replays_);
    if (!outcomes) return outcomes.status();
    for (std::size_t i = 0; i < replays_.size(); ++i) count((*outcomes)[i], line_of_[i]);
    replays_.clear();
    line_of_.clear();
    return {};
  }

  ReplayReport report() && { return std::move(report_); }
  std::int64_t events() const { return report_.events; }

 private:
  /// An action at which a replay of its observer begins.
  struct Start {
    std::size_t action = 0;
    std::size_t line = 0;  ///< of the report
  };

  /// Every action that is asked for; of a strict sequence the first one, which carries the rest.
  void find_starts(const ObserverSettings& observer, std::vector<Start>& starts) {
    const bool strict = observer.sequence == Sequence::Strict;
    for (std::size_t i = 0; i < observer.actions.size(); ++i) {
      const ActionSettings& action = observer.actions[i];
      if (!request_.action.empty() && action.name != request_.action) continue;
      ReplayLine line;
      line.observer = observer.name;
      line.action = action.name;
      line.action_type = action.type;
      for (std::size_t j = i + 1; strict && j < observer.actions.size(); ++j) {
        line.then.push_back(observer.actions[j].name);
      }
      starts.push_back({i, report_.lines.size()});
      report_.lines.push_back(std::move(line));
      if (strict) break;
    }
  }

  void add(const Event& event) {
    fired_.clear();
    undecided_.clear();
    matcher_->match(event, fired_, &undecided_);
    report_.undecided += static_cast<std::int64_t>(undecided_.size());
    if (!fired_.empty()) ++report_.matched;
    for (const std::size_t index : fired_) {
      for (const Start& start : starts_[index]) add(event, settings_.observers[index], start);
    }
  }

  void add(const Event& event, const ObserverSettings& observer, const Start& start) {
    const ActionSettings& action = observer.actions[start.action];
    store::Replay replay;
    replay.delivery_id =
        request_.new_ids ? Uuid::random() : make_delivery_id(event.id, observer.name, action.name);
    replay.event_id = event.id;
    replay.entity = event.entity;
    replay.key = event.key;
    replay.observer = observer.name;
    replay.action = action.name;
    replay.action_type = action.type;
    replay.ordering_key = store::replay_key(ordering_key(observer, action, event));
    // The rest of a strict sequence follows its ordering key; an unordered one needs one, too.
    if (replay.ordering_key.empty() && observer.sequence == Sequence::Strict) {
      replay.ordering_key = store::replay_key(replay.delivery_id.to_string());
    }
    replays_.push_back(std::move(replay));
    line_of_.push_back(start.line);
  }

  static std::string ordering_key(const ObserverSettings& observer, const ActionSettings& action,
                                  const Event& event) {
    delivery::PreparedObserver prepared;
    prepared.name = observer.name;
    prepared.ordering = observer.ordering;
    prepared.sequence = observer.sequence;
    delivery::PreparedAction prepared_action;
    prepared_action.name = action.name;
    return delivery::ordering_key(prepared, prepared_action, event);
  }

  void count(ReplayOutcome outcome, std::size_t at) {
    ReplayLine& line = report_.lines[at];
    switch (outcome) {
      case ReplayOutcome::Retried:
        ++line.retried;
        [[fallthrough]];
      case ReplayOutcome::Scheduled:
        ++line.scheduled;
        break;
      case ReplayOutcome::InSchedule:
        ++line.in_schedule;
        break;
      case ReplayOutcome::Gone:
        ++line.gone;
        break;
    }
  }

  postgres::Connection& connection_;
  const config::Settings& settings_;
  const ReplayRequest& request_;
  std::unique_ptr<const matcher::Matcher> matcher_;
  std::vector<std::vector<Start>> starts_;  ///< by observer
  std::vector<store::Replay> replays_;
  std::vector<std::size_t> line_of_;  ///< of the report, for each of replays_
  std::vector<std::size_t> fired_;
  std::vector<matcher::Undecided> undecided_;
  ReplayReport report_;
};

/// Ids that the log does not have: all are named.
Status check_ids(postgres::Connection& connection, const std::vector<Uuid>& ids) {
  if (ids.empty()) return {};
  store::EventFilter filter;
  filter.ids = ids;
  const auto found = store::oldest_events(connection, filter, static_cast<int>(ids.size()));
  if (!found) return found.status();
  std::unordered_set<Uuid> there;
  for (const store::LoggedEvent& event : *found) there.insert(event.id);
  std::vector<std::string> missing;
  for (const Uuid& id : ids) {
    if (there.insert(id).second) missing.push_back(id.to_string());
  }
  if (missing.empty()) return {};
  return Status::error(Code::NoMatch, "the event log does not have " + join(missing, ", "))
      .note("nothing was done; see observerd events list");
}

}  // namespace

ReplayRequest read_replay_request(ArgumentReader& arguments, const std::vector<std::string>& ids) {
  ReplayRequest request;
  request.events = read_event_filter(arguments);
  request.events.ids = arguments.ids(ids);
  if (ids.empty() && !request.events.until) request.events.until = arguments.now();
  request.observer = arguments.text("observer");
  request.action = arguments.text("action");
  request.limit = arguments.number("limit", 0, 1, 1'000'000'000);
  return request;
}

std::int64_t ReplayReport::scheduled() const {
  std::int64_t count = 0;
  for (const ReplayLine& line : lines) count += line.scheduled;
  return count;
}

Result<ReplayReport> replay_events(postgres::Connection& connection,
                                   const config::Settings& settings, const ReplayRequest& request,
                                   const Progress& progress) {
  if (Status status = check_names(settings, request); !status.ok()) return status;
  if (Status status = check_ids(connection, request.events.ids); !status.ok()) return status;
  Replayer replayer(connection, settings, request);
  std::optional<store::EventPlace> place;
  while (true) {
    const std::int64_t left = request.limit > 0 ? request.limit - replayer.events() : kPage;
    if (left == 0) break;
    const auto page = store::read_events(
        connection, request.events, static_cast<int>(std::min<std::int64_t>(left, kPage)), place);
    if (!page) return page.status();
    if (Status status = replayer.add(page->events); !status.ok()) return status;
    if (progress) progress(replayer.events(), 0);
    if (!page->next) break;
    place = page->next;
  }
  if (Status status = replayer.flush(); !status.ok()) return status;
  return std::move(replayer).report();
}

json::Value to_json(const ReplayReport& report) {
  json::Value lines = json::Value::array();
  for (const ReplayLine& line : report.lines) {
    json::Value then = json::Value::array();
    for (const std::string& name : line.then) then.push_back(json::Value::string(name));
    lines.push_back(json::Value::object({{"observer", json::Value::string(line.observer)},
                                         {"action", json::Value::string(line.action)},
                                         {"action_type", json::Value::string(line.action_type)},
                                         {"then", std::move(then)},
                                         {"scheduled", json::Value::integer(line.scheduled)},
                                         {"retried", json::Value::integer(line.retried)},
                                         {"in_schedule", json::Value::integer(line.in_schedule)},
                                         {"gone", json::Value::integer(line.gone)}}));
  }
  return json::Value::object({{"dry_run", json::Value::boolean(report.dry_run)},
                              {"new_ids", json::Value::boolean(report.new_ids)},
                              {"events", json::Value::integer(report.events)},
                              {"matched", json::Value::integer(report.matched)},
                              {"undecided", json::Value::integer(report.undecided)},
                              {"unreadable", json::Value::integer(report.unreadable)},
                              {"scheduled", json::Value::integer(report.scheduled())},
                              {"actions", std::move(lines)}});
}

}  // namespace observerd::app::views
