#include <ostream>

#include "app/commands.hpp"
#include "app/events_parts.hpp"
#include "app/views/events_view.hpp"

namespace observerd::app {
namespace {

int list(const Invocation& invocation) {
  StoredCommand command(invocation, "events list [--since T] [--until T] [--entity E] [--id KEY] …",
                        "The event log, newest first. Times are UTC.");
  command.options(event_filters());
  command.options({{"limit", "N", "at most so many; 100 unless said"},
                   {"before", "ID", "goes on behind this one, the last of the page before"}});
  if (const auto over = command.parse()) return *over;
  const views::EventQuery query = views::read_event_query(command.arguments());
  if (const auto over = command.start("events")) return *over;
  const auto answer = views::list_events(command.connection(), query);
  return command.answer(answer, [&](const json::Value& events) {
    Table table({"WRITTEN", "STATUS", "KIND", "ENTITY", "TYPE", "ID"});
    for (const json::Value& event : events.items()) table.add(event_cells(event));
    if (table.empty()) {
      command.out() << "no events\n";
    } else {
      table.print(command.out());
    }
  });
}

void print_part(std::ostream& out, const char* title, const json::Value& list,
                const std::vector<const char*>& members) {
  if (list.items().empty()) return;
  Table table(std::vector<std::string>(members.size(), ""));
  for (const json::Value& one : list.items()) {
    std::vector<std::string> cells;
    for (const char* member : members) {
      std::string text = text_at(one, member);
      cells.push_back(shorten(text.empty() ? "-" : text, 90));
    }
    table.add(std::move(cells));
  }
  out << '\n' << title;
  table.print(out);
}

void print_event(std::ostream& out, const json::Value& event) {
  const auto text = [&](const char* member) { return text_at(event, member); };
  out << "event        " << text("id") << " (" << text("status") << ")\n"
      << "entity       " << text("entity") << ' ' << text("entity_key");
  if (!text("old_key").empty()) out << " (before: " << text("old_key") << ')';
  out << ", " << text("kind") << '\n'
      << "type         " << text("type") << '\n'
      << "user         " << event.string_or("user", "-") << '\n'
      << "written      " << text("created_at") << '\n'
      << "processed    " << event.string_or("processed_at", "-") << '\n'
      << "traceparent  " << event.string_or("traceparent", "-") << '\n'
      << "outbox id    " << text("outbox_id") << ", shard " << text("shard") << '\n';
  if (!text("problem").empty()) out << "problem      " << text("problem") << '\n';
  const json::Value* rows = event.find("event");
  for (const char* which : {"new", "old"}) {
    const json::Value* row = rows->find(which);
    if (row == nullptr || row->is_null()) continue;
    out << which << " row      " << json::write(*row) << '\n';
  }
  print_part(out, "in the retry schedule", *event.find("deliveries"),
             {"id", "observer", "action", "state", "attempts", "why"});
  print_part(out, "discarded", *event.find("discarded"),
             {"id", "observer", "action", "discarded_at", "attempts", "last_error"});
  print_part(out, "dead letters", *event.find("dead_letters"),
             {"id", "observer", "action", "status", "attempts", "error_message"});
}

int show(const Invocation& invocation) {
  StoredCommand command(invocation, "events show ID",
                        "One event: its rows to the letter, and what is stored of its deliveries: "
                        "scheduled, discarded, dead letters.");
  command.ids("its id", 1);
  if (const auto over = command.parse()) return *over;
  const std::vector<Uuid> ids = command.arguments().ids(command.id_words());
  if (command.id_words().empty()) command.arguments().problem("an id is needed");
  if (const auto over = command.start("events")) return *over;
  return command.answer(views::show_event(command.connection(), ids[0]),
                        [&](const json::Value& event) { print_event(command.out(), event); });
}

}  // namespace

const std::vector<Option>& event_filters() {
  static const std::vector<Option> filters = {
      {"since", "TIME", "written at or after: 2026-01-31T12:00:00Z, or 2h for two hours ago"},
      {"until", "TIME", "written before"},
      {"entity", "NAME", "of this entity"},
      {"id", "KEY", "of the entity with this key"},
      {"kind", "KIND", "insert, update, delete or custom"},
      {"status", "STATUS", "pending, processed, failed, dropped or skipped"}};
  return filters;
}

std::vector<std::string> event_cells(const json::Value& event) {
  return {readable_time(event, "created_at"),
          event.string_or("status"),
          event.string_or("kind"),
          event.string_or("entity") + ' ' + shorten(event.string_or("entity_key"), 36),
          shorten(event.string_or("type"), 50),
          event.string_or("id")};
}

int events_command(const Invocation& invocation) {
  return run_group("events",
                   {{"list", "what happened, newest first; filters", list},
                    {"show", "one, with its rows and what became of its deliveries", show},
                    {"tail", "follow what is logged from now on", events_tail},
                    {"replay", "deliver logged events again, as configured now", events_replay}},
                   invocation);
}

}  // namespace observerd::app
