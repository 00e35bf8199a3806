// A condition of any bytes, a zero byte, and an event. Whatever they are: no crash, test(),
// evaluate() and the compiled program agree, an error has its code and a sentence, and the printed
// condition means the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "condition/column_check.hpp"
#include "condition/condition.hpp"
#include "condition/parser.hpp"
#include "condition/program.hpp"

namespace {

using namespace observerd;
using condition::Condition;
using condition::Truth;

void require(bool promise) {
  if (!promise) std::abort();
}

const Event& usual_event() {
  static const Event event =
      parse_event(
          R"({"kind":"update","entity":"Order","id":1,"new":{"total":1.50,"a":"x","b":[1],"c":{"d":null},)"
          R"("p":true},"old":{"total":2,"a":"y","b":[],"p":false}})")
          .value();
  return event;
}

void check(const Condition& parsed, const Event& event) {
  const condition::Outcome outcome = parsed.evaluate(event);
  require(parsed.test(event) == outcome.truth);
  require((outcome.truth == Truth::Error) == !outcome.error.ok());
  if (!outcome.error.ok()) require(outcome.error.code() == Code::ConditionEvaluation);
  condition::SlotTable slots;
  const auto program = condition::Program::compile(parsed.root(), slots);
  condition::SlotValues values;
  slots.fill(event, values);
  require(program.run(event, values) == outcome.truth);
  require(!parsed.explain(event).empty());
  const std::string printed = parsed.to_string();
  const auto again = Condition::parse(printed);
  // Printing puts spaces in: a text at the limit may grow beyond it.
  if (!again && printed.size() > condition::kMaxBytes) return;
  require(again.ok());
  require(condition::same_tree(parsed.root(), again->root()));
  require(again->test(event) == outcome.truth);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\0');
  const auto parsed = Condition::parse(input.substr(0, end));
  if (!parsed) {
    require(parsed.status().code() == Code::ConditionSyntax);
    require(!parsed.status().message().empty());
    return 0;
  }
  check(*parsed, usual_event());
  (void)check_columns(*parsed, {{"total", "numeric"}, {"a", "text"}, {"b", "jsonb"}});
  if (end == std::string_view::npos) return 0;
  if (const auto event = parse_event(input.substr(end + 1))) check(*parsed, *event);
  return 0;
}
