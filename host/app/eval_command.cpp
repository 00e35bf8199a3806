#include <ostream>

#include "app/commands.hpp"
#include "app/input.hpp"
#include "app/output.hpp"
#include "app/views/evaluation_view.hpp"
#include "condition/condition.hpp"

namespace observerd::app {

int eval_command(const Invocation& invocation) {
  CommandLine line(
      "eval --condition TEXT --event FILE",
      "Evaluates one condition against one event. The first line is `true`, `false` or "
      "`error: OB004 …`;\nthe exit code 0, 1 or 6. A condition that cannot be read is "
      "OB003 and exit code 3.");
  line.add()("condition", boost::program_options::value<std::string>()->value_name("TEXT"),
             "the condition");
  line.add()("event", boost::program_options::value<std::string>()->value_name("FILE"),
             "a JSON file; - for standard input");
  line.add()("explain", "each sub-expression and what it came to");
  if (const auto over = line.parse(invocation)) return *over;
  if (!line.has("condition") || !line.has("event")) {
    return usage_error(invocation, "eval --condition TEXT --event FILE",
                       "--condition and --event are both needed");
  }
  const Result<condition::Condition> condition =
      condition::Condition::parse(line.text("condition"));
  if (!condition) return fail(invocation, condition.status());
  const Result<Event> event = read_event(line.text("event"));
  if (!event) return fail(invocation, event.status());

  const condition::Outcome outcome = condition->evaluate(*event);
  const bool is_error = outcome.truth == condition::Truth::Error;
  if (line.json()) {
    print_json(invocation.out, views::evaluation(*condition, *event, outcome));
  } else {
    invocation.out << views::answer_of(outcome);
    if (is_error) invocation.out << ": " << outcome.error.to_string();
    invocation.out << '\n';
    if (line.has("explain")) print_explanation(invocation.out, condition->explain(*event), "");
  }
  return is_error ? kEvaluation : outcome.fires() ? kDone : kNegative;
}

}  // namespace observerd::app
