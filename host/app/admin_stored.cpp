#include <algorithm>

#include "app/admin_call.hpp"
#include "app/views/dead_letters_view.hpp"
#include "app/views/deliveries_view.hpp"
#include "app/views/events_view.hpp"
#include "app/views/replay_view.hpp"

/// The half of the API that is about stored things: events, deliveries, dead letters.
namespace observerd::app {
namespace {

using admin::Answer;
using admin::ApiRequest;
using admin::Endpoint;
using admin::Method;

using Words = std::vector<std::string>;

const Words kDeadLetterFilters = {"status", "observer", "action", "type", "code",
                                  "entity", "id",       "since",  "until"};
const Words kDeliveryFilters = {"state",  "observer", "action", "type",
                                "entity", "id",       "lane",   "event"};
const Words kEventFilters = {"since", "until", "entity", "id", "kind", "status"};

Words plus(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// A list: `read` makes the query of the arguments, `list` the answer.
template <typename Read, typename List>
Endpoint list_of(const AdminContext& context, std::string path, std::string summary, Words query,
                 Read read, List list) {
  return {Method::Get, std::move(path), std::move(summary), std::move(query),
          [context, read, list](const ApiRequest& request) {
            AdminCall call(request, {}, context.clock.now());
            const auto query = read(call.arguments());
            if (!call.ok()) return call.bad();
            return with_database(context, [&](postgres::Connection& connection) {
              return Answer::of(list(connection, query));
            });
          }};
}

template <typename Show>
Endpoint one_of(const AdminContext& context, std::string path, std::string summary, Show show) {
  return {Method::Get,
          std::move(path),
          std::move(summary),
          {},
          [context, show](const ApiRequest& request) {
            AdminCall call(request, {}, context.clock.now());
            const Uuid id = call.path_id(request);
            if (!call.ok()) return call.bad();
            return with_database(context, [&](postgres::Connection& connection) {
              const Result<json::Value> shown = show(connection, id);
              if (shown) return Answer::ok(*shown);
              const Code code = shown.status().code();
              const bool missing = code == Code::NoMatch || code == Code::DeadLetterQueue;
              return missing ? Answer::problem(404, shown.status())
                             : Answer::problem(shown.status());
            });
          }};
}

/// A change of "ids", or of "all" that the filters select; as the command line has it.
template <typename Read, typename ByIds, typename All>
Endpoint change_of(const AdminContext& context, std::string path, std::string summary,
                   const Words& filters, Read read, ByIds by_ids, All all) {
  const Words members = plus(filters, {"ids", "all", "limit", "dry_run"});
  return {Method::Post,
          std::move(path),
          std::move(summary),
          {},
          [context, members, read, by_ids, all](const ApiRequest& request) {
            AdminCall call(request, members, context.clock.now());
            const bool everything = call.flag("all"), dry_run = call.flag("dry_run");
            const std::vector<Uuid> ids = call.ids("ids");
            const auto query = read(call.arguments());
            if (call.has("ids") == everything) {
              call.arguments().problem("which? \"ids\", or \"all\": true with filters");
            }
            if (!everything && request.body.members().size() > (call.has("all") ? 2u : 1u)) {
              call.arguments().problem("filters, limit and dry_run go with \"all\": true");
            }
            if (!call.ok()) return call.bad();
            return with_database(context, [&](postgres::Connection& connection) {
              if (everything) {
                const auto bulk = all(connection, query, dry_run);
                return bulk ? Answer::ok(views::to_json(*bulk)) : Answer::problem(bulk.status());
              }
              const auto changes = by_ids(connection, ids);
              return changes ? Answer::ok(views::to_json(*changes))
                             : Answer::problem(changes.status());
            });
          }};
}

/// 0: a change without a limit takes all.
views::DeadLetterQuery read_letters(views::ArgumentReader& arguments) {
  return views::read_dead_letter_query(arguments, 0);
}
views::DeliveryQuery read_deliveries(views::ArgumentReader& arguments) {
  return views::read_delivery_query(arguments, 0);
}

/// Deletes what is over: {"older_than": "30d", "status": "success,discarded", "dry_run": true}.
Answer purge(const AdminContext& context, const ApiRequest& request) {
  AdminCall call(request, {"older_than", "status", "dry_run"}, context.clock.now());
  const bool dry_run = call.flag("dry_run");
  const auto older_than = call.arguments().duration("older_than");
  if (!call.has("older_than")) call.arguments().problem("\"older_than\" is needed: a duration");
  auto statuses = call.arguments().words("status", views::kPurgeableStatuses);
  if (statuses.empty()) statuses = views::kFinishedStatuses;
  if (!call.ok() || !older_than) return call.bad();
  return with_database(context, [&](postgres::Connection& connection) {
    return Answer::of(views::purge_dead_letters(connection, statuses, *older_than, dry_run));
  });
}

/// Logged events through the present configuration, as `events replay` has it.
Answer replay(const AdminContext& context, const ApiRequest& request) {
  const Words members =
      plus(kEventFilters, {"ids", "all", "observer", "action", "limit", "new_ids", "dry_run"});
  AdminCall call(request, members, context.clock.now());
  const bool all = call.flag("all"), new_ids = call.flag("new_ids");
  const bool dry_run = call.flag("dry_run");
  const std::vector<std::string> ids = call.strings("ids");
  views::ReplayRequest wanted = views::read_replay_request(call.arguments(), ids);
  wanted.new_ids = new_ids;
  wanted.dry_run = dry_run;
  const bool filtered = std::any_of(kEventFilters.begin(), kEventFilters.end(),
                                    [&](const std::string& name) { return call.has(name); });
  if (ids.empty() && !all && !filtered) {
    call.arguments().problem("which? \"ids\", filters such as \"since\", or \"all\": true");
  }
  if (!ids.empty() && (all || filtered || call.has("limit"))) {
    call.arguments().problem("\"ids\" and filters exclude each other");
  }
  if (!call.ok()) return call.bad();
  return with_database(context, [&](postgres::Connection& connection) {
    const auto report = views::replay_events(connection, *context.settings(), wanted);
    return report ? Answer::ok(views::to_json(*report)) : Answer::problem(report.status());
  });
}

void add_dead_letters(const AdminContext& context, std::vector<Endpoint>& out) {
  out.push_back(list_of(
      context, "dlq", "dead letters, newest first", plus(kDeadLetterFilters, {"limit", "before"}),
      [](views::ArgumentReader& arguments) {
        return views::read_dead_letter_query(arguments, 100);
      },
      views::list_dead_letters));
  out.push_back(
      one_of(context, "dlq/{id}", "one, with its event and history", views::show_dead_letter));
  out.push_back({Method::Get,
                 "dlq/stats",
                 "counts by observer, type, code and status",
                 {},
                 [context](const ApiRequest&) {
                   return with_database(context, [](postgres::Connection& connection) {
                     return Answer::of(views::dead_letter_stats(connection));
                   });
                 }});
  out.push_back(change_of(
      context, "dlq/retry", "deliver again: {\"ids\": […]} or {\"all\": true, filters}",
      kDeadLetterFilters, read_letters,
      [](postgres::Connection& connection, const std::vector<Uuid>& ids) {
        return store::DeadLetters(connection).retry(ids);
      },
      [](postgres::Connection& connection, const views::DeadLetterQuery& query, bool dry_run) {
        return views::retry_dead_letters(connection, query, dry_run);
      }));
  out.push_back(change_of(
      context, "dlq/discard", "give up for good: as retry", kDeadLetterFilters, read_letters,
      [](postgres::Connection& connection, const std::vector<Uuid>& ids) {
        return store::DeadLetters(connection).discard(ids);
      },
      [](postgres::Connection& connection, const views::DeadLetterQuery& query, bool dry_run) {
        return views::discard_dead_letters(connection, query, dry_run);
      }));
  out.push_back({Method::Post,
                 "dlq/purge",
                 "delete what is over: {\"older_than\": \"30d\", \"status\": \"…\"}",
                 {},
                 [context](const ApiRequest& request) { return purge(context, request); }});
}

void add_deliveries(const AdminContext& context, std::vector<Endpoint>& out) {
  out.push_back(list_of(
      context, "deliveries", "what is scheduled, held, behind or orphaned, and why",
      plus(kDeliveryFilters, {"limit", "after"}),
      [](views::ArgumentReader& arguments) { return views::read_delivery_query(arguments, 100); },
      views::list_deliveries));
  out.push_back(
      one_of(context, "deliveries/{id}", "one, with its event and attempts", views::show_delivery));
  out.push_back(change_of(
      context, "deliveries/retry", "make due at once: {\"ids\": […]} or {\"all\": true, filters}",
      kDeliveryFilters, read_deliveries,
      [](postgres::Connection& connection, const std::vector<Uuid>& ids) {
        return store::Deliveries(connection).retry(ids);
      },
      [](postgres::Connection& connection, const views::DeliveryQuery& query, bool dry_run) {
        return views::retry_deliveries(connection, query, dry_run);
      }));
  out.push_back(change_of(
      context, "deliveries/discard", "give up for good: as retry", kDeliveryFilters,
      read_deliveries,
      [](postgres::Connection& connection, const std::vector<Uuid>& ids) {
        return store::Deliveries(connection).discard(ids);
      },
      [](postgres::Connection& connection, const views::DeliveryQuery& query, bool dry_run) {
        return views::discard_deliveries(connection, query, dry_run);
      }));
}

}  // namespace

void add_stored_endpoints(const AdminContext& context, std::vector<Endpoint>& out) {
  out.push_back(list_of(context, "events", "the event log, newest first",
                        plus(kEventFilters, {"limit", "before"}), views::read_event_query,
                        views::list_events));
  out.push_back(list_of(context, "events/tail",
                        "the event log, oldest first, from a time or an event",
                        {"from", "after", "entity", "id", "kind", "status", "limit"},
                        views::read_tail_query, views::tail_events));
  out.push_back(
      one_of(context, "events/{id}", "one, and what became of its deliveries", views::show_event));
  out.push_back({Method::Post,
                 "events/replay",
                 "deliver again: {\"ids\": […]}, or filters, or {\"all\": true}",
                 {},
                 [context](const ApiRequest& request) { return replay(context, request); }});
  add_deliveries(context, out);
  add_dead_letters(context, out);
}

}  // namespace observerd::app
