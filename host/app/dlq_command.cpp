#include <ostream>

#include "app/commands.hpp"
#include "app/dlq_changes.hpp"
#include "app/views/dead_letters_view.hpp"

namespace observerd::app {
namespace {

int list(const Invocation& invocation) {
  StoredCommand command(invocation, "dlq list [--status S,…] [--observer O] [--code C] …",
                        "Dead letters, newest first. Times are UTC.");
  command.options(dead_letter_filters());
  command.options({{"limit", "N", "at most so many; 100 unless said"},
                   {"before", "ID", "goes on behind this one, the last of the page before"}});
  if (const auto over = command.parse()) return *over;
  const views::DeadLetterQuery query = views::read_dead_letter_query(command.arguments(), 100);
  if (const auto over = command.start("dlq")) return *over;
  const auto answer = views::list_dead_letters(command.connection(), query);
  return command.answer(answer, [&](const json::Value& letters) {
    Table table({"ID", "STATUS", "OBSERVER/ACTION", "ENTITY", "TRIES", "CODE", "FILED", "ERROR"});
    for (const json::Value& letter : letters.items()) {
      const std::string code = letter.string_or("error_code");
      table.add({letter.string_or("id"), letter.string_or("status"),
                 letter.string_or("observer") + '/' + letter.string_or("action"),
                 letter.string_or("entity") + ' ' + shorten(letter.string_or("entity_key"), 24),
                 text_at(letter, "attempts"), code.empty() ? letter.string_or("error") : code,
                 readable_time(letter, "created_at"),
                 shorten(letter.string_or("error_message"), 60)});
    }
    if (table.empty()) {
      command.out() << "no dead letters\n";
    } else {
      table.print(command.out());
    }
  });
}

void print_letter(std::ostream& out, const json::Value& letter) {
  const auto text = [&](const char* member) { return text_at(letter, member); };
  out << "dead letter  " << text("id") << " (" << text("status") << ")\n"
      << "action       " << text("observer") << '/' << text("action") << " (" << text("action_type")
      << ")\n"
      << "entity       " << text("entity") << ' ' << text("entity_key") << ", " << text("kind")
      << '\n'
      << "error        " << text("error") << ' ' << text("error_message") << '\n'
      << "attempts     " << text("attempts") << " (" << text("max_attempts") << " allowed)\n"
      << "filed        " << readable_time(letter, "created_at") << " UTC\n"
      << "last retry   " << readable_time(letter, "last_retry_at") << '\n'
      << "delivery     " << text("delivery_id") << '\n'
      << "event        " << text("event_id") << '\n';
  print_history(out, letter);
  out << "\nsettings     " << json::write(*letter.find("action_config")) << "\nevent        "
      << json::write(*letter.find("event")) << '\n';
}

int show(const Invocation& invocation) {
  StoredCommand command(
      invocation, "dlq show ID",
      "One dead letter: what failed, the event, the settings as configured, and its attempts.");
  command.ids("its id", 1);
  if (const auto over = command.parse()) return *over;
  const std::vector<Uuid> ids = command.arguments().ids(command.id_words());
  if (command.id_words().empty()) command.arguments().problem("an id is needed");
  if (const auto over = command.start("dlq")) return *over;
  return command.answer(views::show_dead_letter(command.connection(), ids[0]),
                        [&](const json::Value& letter) { print_letter(command.out(), letter); });
}

int stats(const Invocation& invocation) {
  StoredCommand command(invocation, "dlq stats",
                        "How many dead letters there are, by observer, type, code and status.");
  if (const auto over = command.parse()) return *over;
  if (const auto over = command.start("dlq")) return *over;
  const auto answer = views::dead_letter_stats(command.connection());
  return command.answer(answer, [&](const json::Value& stats) {
    Table table({"OBSERVER", "TYPE", "CODE", "STATUS", "COUNT", "OLDEST"});
    for (const json::Value& one : stats.find("lines")->items()) {
      table.add({one.string_or("observer"), one.string_or("action_type"),
                 one.string_or("error_code", "-"), one.string_or("status"), text_at(one, "count"),
                 readable_time(one, "oldest")});
    }
    if (!table.empty()) table.print(command.out());
    command.out() << counted(std::stoll(text_at(stats, "total")), "dead letter") << '\n';
  });
}

}  // namespace

const std::vector<Option>& dead_letter_filters() {
  static const std::vector<Option> filters = {
      {"status", "STATUS,…",
       "pending, retrying, success, retry_failed, discarded; several with commas"},
      {"observer", "NAME", "of this observer"},
      {"action", "NAME", "of actions of this name"},
      {"type", "TYPE", "of this action type"},
      {"code", "CODE", "with this code: http_404, OB013, …"},
      {"entity", "NAME", "of this entity"},
      {"id", "KEY", "of the entity with this key"},
      {"since", "TIME", "filed at or after: 2026-01-31T12:00:00Z, or 2h for two hours ago"},
      {"until", "TIME", "filed before"}};
  return filters;
}

int dlq_command(const Invocation& invocation) {
  return run_group("dlq",
                   {{"list", "which there are; filters", list},
                    {"show", "one, with its event and history", show},
                    {"retry", "deliver again: single ones, or all that filters select", dlq_retry},
                    {"discard", "give up for good, but keep to look at", dlq_discard},
                    {"purge", "delete old ones that are finished", dlq_purge},
                    {"stats", "counts", stats}},
                   invocation);
}

}  // namespace observerd::app
