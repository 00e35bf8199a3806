#pragma once

#include <string>
#include <vector>

#include "app/views/arguments.hpp"
#include "app/views/bulk.hpp"
#include "base/status.hpp"
#include "config/settings.hpp"
#include "store/event_queries.hpp"

namespace observerd::app::views {

/// Which logged events to deliver again, and how.
struct ReplayRequest {
  store::EventFilter events;
  std::string observer;  ///< only this one; "" for all that match
  std::string action;    ///< only actions of this name
  bool new_ids = false;  ///< receivers shall not take the deliveries for ones they had
  bool dry_run = false;
  int limit = 0;  ///< at most so many events, the oldest; 0: all
};
/// since, until, entity, id, kind, status, observer, action, limit; and ids of events. Without ids
/// and `until`, up to now: what is written later is delivered anyway.
ReplayRequest read_replay_request(ArgumentReader& arguments, const std::vector<std::string>& ids);

struct ReplayLine {
  std::string observer, action, action_type;
  std::vector<std::string> then;  ///< of a strict sequence: the actions that follow one another
  std::int64_t scheduled = 0;     ///< in a dry run: would be
  std::int64_t retried = 0;       ///< of these, as the retry of a dead letter
  std::int64_t in_schedule = 0;   ///< left alone: scheduled already
  std::int64_t gone = 0;          ///< the event left the log meanwhile
};

struct ReplayReport {
  bool dry_run = false, new_ids = false;
  std::int64_t events = 0;      ///< looked at
  std::int64_t matched = 0;     ///< of these, fired an observer
  std::int64_t undecided = 0;   ///< conditions that came to no answer (OB004)
  std::int64_t unreadable = 0;  ///< events whose rows cannot be read
  std::vector<ReplayLine> lines;

  std::int64_t scheduled() const;
};

/// Drives logged events through the present configuration: each is matched against the observers,
/// and each action that follows is put into the retry schedule, in the order of the events, in
/// bounded transactions. A running daemon delivers it from there. Without plugins or secrets: what
/// a delivery says is rendered when it is sent. OB002 for ids that the log does not have (all are
/// named, nothing is done), OB001 for an observer or an action that is not configured.
Result<ReplayReport> replay_events(postgres::Connection& connection,
                                   const config::Settings& settings, const ReplayRequest& request,
                                   const Progress& progress = {});
json::Value to_json(const ReplayReport& report);

}  // namespace observerd::app::views
