#include <ostream>

#include "app/events_parts.hpp"
#include "app/views/replay_view.hpp"

namespace observerd::app {
namespace {

void print_report(std::ostream& out, const views::ReplayReport& report) {
  Table table({"OBSERVER", "ACTION", report.dry_run ? "WOULD SCHEDULE" : "SCHEDULED",
               "AS RETRY OF A DEAD LETTER", "LEFT ALONE"});
  for (const views::ReplayLine& line : report.lines) {
    std::string actions = line.action + " (" + line.action_type + ')';
    for (const std::string& next : line.then) actions += " → " + next;
    table.add({line.observer, actions, std::to_string(line.scheduled), std::to_string(line.retried),
               std::to_string(line.in_schedule)});
  }
  if (!table.empty()) {
    table.print(out);
    out << '\n';
  }
  out << counted(report.events, "event") << " looked at, " << report.matched << " matched; "
      << (report.dry_run ? "would schedule " : "scheduled ")
      << (report.scheduled() == 1 ? "1 delivery"
                                  : std::to_string(report.scheduled()) + " deliveries")
      << (report.new_ids ? " with new ids" : "") << '\n';
  std::int64_t in_schedule = 0, gone = 0;
  for (const views::ReplayLine& line : report.lines) {
    in_schedule += line.in_schedule;
    gone += line.gone;
  }
  if (in_schedule > 0) {
    out << in_schedule << " left alone: in the retry schedule already\n";
  }
  if (gone > 0) out << gone << " not scheduled: the event left the log meanwhile\n";
  if (report.undecided > 0) {
    out << report.undecided
        << " conditions could not be decided (OB004); observerd test tells why\n";
  }
  if (report.unreadable > 0) {
    out << counted(report.unreadable, "event") << " cannot be read (OB020); see events show\n";
  }
}

}  // namespace

int events_replay(const Invocation& invocation) {
  StoredCommand command(
      invocation, "events replay ID… | FILTERS | --all [--observer O] [--dry-run]",
      "Delivers logged events again, as the configuration is now: each is matched against the "
      "observers, and each action\nthat follows is put into the retry schedule, in the order of "
      "the events. A running daemon takes it up within a\nsecond. Deliveries keep their ids, so "
      "that receivers know what they had; --new-ids makes them new. Replayed events\nare out of "
      "order: later changes may have been delivered before.");
  command.ids("ids of events", -1);
  command.flag("all", "every event that the filters select, up to now");
  command.options(event_filters());
  command.options({{"observer", "NAME", "only this observer; all that match unless said"},
                   {"action", "NAME", "only actions of this name"},
                   {"limit", "N", "with --all: at most so many events, the oldest"}});
  command.flag("new-ids", "new delivery ids: receivers take them for new deliveries");
  command.flag("dry-run", "say what would be sent how often, change nothing");
  if (const auto over = command.parse()) return *over;
  views::ArgumentReader& arguments = command.arguments();
  const bool ids = !command.id_words().empty();
  const bool all = command.has("all");
  if (ids && all) arguments.problem("ids and --all exclude each other");
  bool filtered = false;
  for (const Option& filter : event_filters()) filtered = filtered || arguments.has(filter.name);
  if (!ids && !all && !filtered) {
    arguments.problem("which? give ids, filters such as --since 2h, or --all");
  }
  if (ids && (filtered || arguments.has("limit"))) {
    arguments.problem("ids and filters exclude each other");
  }
  views::ReplayRequest request = views::read_replay_request(arguments, command.id_words());
  request.new_ids = command.has("new-ids");
  request.dry_run = command.has("dry-run");
  if (const auto over = command.start("events", {"database", "entities", "observers"}))
    return *over;
  const auto report = views::replay_events(command.connection(), command.settings(), request,
                                           command.progress("events"));
  if (!report) return fail(invocation, report.status());
  if (command.json()) {
    print_json(invocation.out, views::to_json(*report));
  } else {
    print_report(invocation.out, *report);
  }
  return kDone;
}

}  // namespace observerd::app
