#include "app/error_catalogue.hpp"

namespace observerd::app {

const std::vector<ErrorHelp>& error_catalogue() {
  static const std::vector<ErrorHelp> catalogue = {
      {Code::Configuration, "configuration",
       "The configuration cannot be read, has an unknown key, a value of the wrong shape or out of "
       "range, or a reference (env, file, credential) that leads nowhere.",
       "OB001 observerd.json:12:7 /observers/0/entiy: unknown setting \"entiy\", did you mean "
       "\"entity\"?",
       "Change the place that is named. `observerd check` shows all problems at once; nothing is "
       "started or changed before it is clean."},
      {Code::NoMatch, "no match",
       "`observerd test`: no observer fires for this event, or none watches its entity. Also: "
       "there "
       "is no event, delivery, observer or lane of that name or id.",
       "OB002 no observer watches the entity \"Ordr\"",
       "Look at the explanation above it: each sub-expression is shown with its value."},
      {Code::ConditionSyntax, "condition syntax", "A condition cannot be read.",
       "OB003 1:9: found the end of the condition, expected a value\n      total ==\n              "
       "^",
       "The caret stands where reading stopped. observerd-conditions(7) has the language."},
      {Code::ConditionEvaluation, "condition evaluation",
       "A condition could not be decided for an event: a field is missing, or values of different "
       "types are ordered. The observer does not fire.",
       "OB004 total > 100: the field \"total\" is missing",
       "Guard it: has_field('total') && total > 100, or coalesce(total, 0) > 100. `observerd check "
       "--online` finds columns that do not exist."},
      {Code::ActionSettings, "action settings",
       "The settings of an action or of its module do not fit what the plugin takes.",
       "OB005 observerd.json:20:11 /observers/0/actions/0/url: is missing",
       "`observerd plugins info TYPE` shows every setting of the type."},
      {Code::ActionFailed, "action failed, will be retried",
       "One attempt failed in a way that may pass: timeout, refused connection, 503, 429.",
       "attempt failed, will be retried code=OB006 … attempt=2 outcome=retry result_code=http_503",
       "Nothing, unless it goes on: `observerd status` shows what is scheduled."},
      {Code::ActionFailedForGood, "action failed for good",
       "The receiver refused the delivery in a way that no retry can change.",
       "action failed for good: rejected: HTTP 404 code=OB007 … result_code=http_404",
       "Repair the receiver or the settings, then `observerd dlq retry ID`."},
      {Code::Template, "template",
       "A template cannot be read (found at load), or cannot be rendered for an event: a path is "
       "missing, or a header would get a line break.",
       "OB008 /body/total: the field \"totl\" is missing",
       "Correct the path, give a default ({{ totl | default: \"0\" }}), or set \"missing\": "
       "\"empty\" "
       "for the action."},
      {Code::Database, "database",
       "PostgreSQL cannot be reached, refuses us, lacks our tables, or has tables of a newer "
       "observerd.",
       "OB009 cannot connect to the database: connection refused",
       "Check database.url and that the server runs; `observerd migrate` makes or updates the "
       "tables."},
      {Code::Listener, "listener",
       "A shard of the outbox cannot be read at the moment. observerd keeps trying; captured "
       "events "
       "wait in the database.",
       "shard not read code=OB010 shard=2 state=\"connection lost\"",
       "Look at the state that is given: most often the database is restarting."},
      {Code::Overflow, "overflow",
       "Events were given up because the host's queues were full and runtime.overflow says so. "
       "Each "
       "is in the event log with the status dropped.",
       "the queues are full: events are given up code=OB011 policy=drop events=120 "
       "event_id=6f9619ff-…",
       "Find out why delivery is slow (`observerd lanes list`), or use the policy \"block\": then "
       "events wait in the outbox."},
      {Code::DeadLetterQueue, "dead letter queue",
       "A dead letter does not exist, or is not in a state that allows what was asked.",
       "OB012 6f9619ff-… is being retried already", "`observerd dlq show ID` shows its state."},
      {Code::RetriesExhausted, "retries exhausted",
       "A delivery failed max_attempts times, or would be older than max_age, or its destination "
       "was "
       "unavailable for longer than unavailable_limit.",
       "action failed for good: all 30 attempts failed: HTTP 503 code=OB013 … result_code=http_503",
       "Repair the destination, then `observerd dlq retry ID`."},
      {Code::UnknownActionType, "unknown action type",
       "An action names a type that no loaded plugin provides.",
       "OB014 observerd.json:15:11 /observers/0/actions/0/type: no plugin provides the action type "
       "\"webhok\", did you mean \"webhook\"?",
       "Correct the name, or put the plugin into a directory of plugins.directories; `observerd "
       "plugins list` shows what is there."},
      {Code::CircuitOpen, "circuit open",
       "A destination failed so often in a row that it is left alone for a while (breaker.open); "
       "then "
       "it is tried with one delivery. Its deliveries wait in the schedule as held.",
       "circuit open: the destination failed again and again … code=OB015 lane=\"webhook "
       "https://erp.example.com\"",
       "Mend the destination; `observerd lanes resume LANE` tries it at once."},
      {Code::PluginLoad, "plugin cannot be loaded",
       "A plugin file breaks the path policy, is no plugin, is built for another ABI, or lacks a "
       "library.",
       "OB016 /usr/lib/observerd/plugins-1/acme.so: /usr/lib/observerd/plugins-1 is writable by "
       "its "
       "group (mode 0775)",
       "Do what the message says. \"plugins\": {\"required\": {\"acme\": false}} starts without "
       "it; "
       "its deliveries wait."},
      {Code::PluginMisbehaved, "plugin misbehaved",
       "A plugin broke the contract: did not return from deliver, reported an item twice, …",
       "a plugin did not return from deliver by its deadline code=OB017 type=acme",
       "Report it to the plugin's author; `observerd plugins list` shows name and version."},
      {Code::LeaseLost, "lease lost",
       "Another host took a shard over, or the connection that held it broke. What was not written "
       "down is done again by whoever has the shard.",
       "OB018 the lease of shard 1 is gone", "Nothing, unless it goes on."},
      {Code::Storage, "storage",
       "A result could not be written: disk full, a permission, a value that a column cannot take.",
       "OB019 could not write results: disk full",
       "Repair the database; observerd tries again, nothing is lost."},
      {Code::BadEvent, "bad event",
       "An event cannot be read: a file given to eval or test, or (impossible but possible) a row "
       "of "
       "the outbox. A bad row is kept in observer.bad_rows and never blocks the stream.",
       "OB020 event.json:3:10: not valid JSON: Missing a comma or } after an object member",
       "Correct the file; look at observer.bad_rows."},
  };
  return catalogue;
}

}  // namespace observerd::app
