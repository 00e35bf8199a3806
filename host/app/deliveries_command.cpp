#include <ostream>

#include "app/commands.hpp"
#include "app/stored.hpp"
#include "app/views/deliveries_view.hpp"

namespace observerd::app {
namespace {

const std::vector<Option>& filters() {
  static const std::vector<Option> filters = {
      {"state", "STATE", "due, behind, held or orphaned"},
      {"observer", "NAME", "of this observer"},
      {"action", "NAME", "of actions of this name"},
      {"type", "TYPE", "of this action type"},
      {"entity", "NAME", "of this entity"},
      {"id", "KEY", "of the entity with this key"},
      {"lane", "LANE", "to this destination, as the list shows it"},
      {"event", "ID", "of this event"}};
  return filters;
}

int list(const Invocation& invocation) {
  StoredCommand command(
      invocation, "deliveries list [--state S] [--observer O] [--lane L] …",
      "What is in the retry schedule, and why it is not delivered yet; soonest first. Times are "
      "UTC.\n  due       tried at its time, or at once when that has passed\n  behind    waits for "
      "an earlier delivery of its entity\n  held      waits for something to go away: a pause, a "
      "broken plugin, a failing destination\n  orphaned  its observer or action left the "
      "configuration");
  command.options(filters());
  command.options({{"limit", "N", "at most so many; 100 unless said"},
                   {"after", "ID", "goes on behind this one, the last of the page before"}});
  if (const auto over = command.parse()) return *over;
  const views::DeliveryQuery query = views::read_delivery_query(command.arguments(), 100);
  if (const auto over = command.start("deliveries")) return *over;
  const auto answer = views::list_deliveries(command.connection(), query);
  return command.answer(answer, [&](const json::Value& deliveries) {
    Table table({"ID", "STATE", "OBSERVER/ACTION", "ENTITY", "TRIES", "DUE", "LANE", "WHY"});
    for (const json::Value& one : deliveries.items()) {
      table.add({one.string_or("id"), one.string_or("state"),
                 one.string_or("observer") + '/' + one.string_or("action"),
                 one.string_or("entity") + ' ' + shorten(one.string_or("entity_key"), 24),
                 text_at(one, "attempts"), readable_time(one, "due_at"),
                 shorten(one.string_or("lane", "-"), 32), shorten(one.string_or("why"), 90)});
    }
    if (table.empty()) {
      command.out() << "nothing is scheduled\n";
    } else {
      table.print(command.out());
    }
  });
}

void print_delivery(std::ostream& out, const json::Value& one) {
  const auto text = [&](const char* member) { return text_at(one, member); };
  out << "delivery     " << text("id") << " (" << text("state") << ")\n"
      << "why          " << text("why") << '\n'
      << "action       " << text("observer") << '/' << text("action") << " (" << text("action_type")
      << ")\n"
      << "entity       " << text("entity") << ' ' << text("entity_key") << ", " << text("kind")
      << '\n'
      << "lane         " << one.string_or("lane", "-") << '\n'
      << "attempts     " << text("attempts") << '\n'
      << "first try    " << readable_time(one, "first_at") << '\n'
      << "due          " << readable_time(one, "due_at") << " UTC\n"
      << "dead letter  " << one.string_or("dead_letter", "-") << '\n'
      << "event        " << text("event_id") << ", " << readable_time(one, "event_at") << " UTC\n";
  if (one.find("out_of_order")->as_boolean()) {
    out << "order        out of order: later changes may have been delivered before\n";
  }
  print_history(out, one);
  out << "\nevent        " << json::write(*one.find("event")) << '\n';
}

int show(const Invocation& invocation) {
  StoredCommand command(invocation, "deliveries show ID",
                        "One scheduled delivery: its event, why it waits, and its attempts.");
  command.ids("its id", 1);
  if (const auto over = command.parse()) return *over;
  const std::vector<Uuid> ids = command.arguments().ids(command.id_words());
  if (command.id_words().empty()) command.arguments().problem("an id is needed");
  if (const auto over = command.start("deliveries")) return *over;
  return command.answer(views::show_delivery(command.connection(), ids[0]),
                        [&](const json::Value& one) { print_delivery(command.out(), one); });
}

using ChangeIds =
    Result<std::vector<store::Change>> (store::Deliveries::*)(const std::vector<Uuid>& ids);
using ChangeAll = Result<views::Bulk> (*)(postgres::Connection& connection,
                                          const views::DeliveryQuery& query, bool dry_run,
                                          const views::Progress& progress);

/// `retry` and `discard` differ in what they call.
int change(StoredCommand& command, const std::string& verb, ChangeIds change_ids,
           ChangeAll change_all) {
  command.ids("ids of deliveries", -1);
  command.flag("all", "every one that the filters select");
  command.options(filters());
  command.options({{"limit", "N", "with --all: at most so many"}});
  command.flag("dry-run", "with --all: say how many, change nothing");
  if (const auto over = command.parse()) return *over;
  views::ArgumentReader& arguments = command.arguments();
  const bool all = command.has("all");
  if (all != command.id_words().empty()) {
    arguments.problem(all ? "ids and --all exclude each other"
                          : "which? give ids, or --all with filters");
  }
  if (!all) {
    for (const Option& filter : filters()) {
      if (!arguments.has(filter.name)) continue;
      arguments.problem("--" + std::string(filter.name) + " goes with --all");
    }
    if (arguments.has("limit")) arguments.problem("--limit goes with --all");
    if (command.has("dry-run")) arguments.problem("--dry-run goes with --all");
  }
  const std::vector<Uuid> ids = arguments.ids(command.id_words());
  const views::DeliveryQuery query = views::read_delivery_query(arguments, 0);
  if (const auto over = command.start("deliveries")) return *over;
  if (all) {
    const auto bulk =
        change_all(command.connection(), query, command.has("dry-run"), command.progress(verb));
    if (!bulk) return fail(command.invocation(), bulk.status());
    return print_bulk(command, Code::NoMatch, verb, "delivery", *bulk);
  }
  store::Deliveries deliveries(command.connection());
  const auto changes = (deliveries.*change_ids)(ids);
  if (!changes) return fail(command.invocation(), changes.status());
  return print_changes(command, Code::NoMatch, verb, *changes);
}

int retry(const Invocation& invocation) {
  StoredCommand command(
      invocation, "deliveries retry ID… | --all [FILTERS] [--dry-run]",
      "Makes each due now, also what is held or orphaned: a running daemon tries it within a "
      "second.\nWhat is behind another delivery stays behind it. Attempts go on counting.");
  return change(command, "made due", &store::Deliveries::retry, views::retry_deliveries);
}

int discard(const Invocation& invocation) {
  StoredCommand command(
      invocation, "deliveries discard ID… | --all [FILTERS] [--dry-run]",
      "Takes each out of the schedule for good. Its event is logged as skipped, and the next "
      "delivery of the entity\nis free to go. A try that is under way is not called back.");
  return change(command, "discarded", &store::Deliveries::discard, views::discard_deliveries);
}

}  // namespace

int deliveries_command(const Invocation& invocation) {
  return run_group("deliveries",
                   {{"list", "what is scheduled, held, behind or orphaned, and why", list},
                    {"show", "one, with its event and attempts", show},
                    {"retry", "make due now: single ones, or all that filters select", retry},
                    {"discard", "take out of the schedule for good", discard}},
                   invocation);
}

}  // namespace observerd::app
