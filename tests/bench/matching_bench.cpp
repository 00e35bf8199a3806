#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "condition/condition.hpp"
#include "event/event.hpp"
#include "matcher/matcher.hpp"

/// What an event costs before anything is delivered: reading it, one condition, and the matcher
/// beside the way without an index, evaluating the condition of every observer.
namespace observerd {
namespace {

std::string row_text(int seed) {
  std::string text = R"({"id":)" + std::to_string(seed) + R"(,"status":"shipped","total":1999.90)";
  for (int i = 0; i < 20; ++i) {
    text += ",\"column_" + std::to_string(i) + "\":\"value " + std::to_string(i * seed) + '"';
  }
  return text + "}";
}

Event make_event(const std::string& entity) {
  Event event;
  event.kind = EventKind::Update;
  event.entity = entity;
  event.key = "7";
  event.new_text = row_text(7);
  event.old_text = row_text(8);
  event.new_row = *json::parse(event.new_text, Code::BadEvent);
  event.old_row = *json::parse(event.old_text, Code::BadEvent);
  return event;
}

void ParseRow(benchmark::State& state) {
  const std::string text = row_text(7);
  for (auto _ : state) benchmark::DoNotOptimize(json::parse(text, Code::BadEvent));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(ParseRow);

void ThreeTermCondition(benchmark::State& state) {
  const auto condition =
      *condition::Condition::parse("status == 'shipped' && total > 100 && column_5 != 'nothing'");
  const Event event = make_event("Order");
  for (auto _ : state) benchmark::DoNotOptimize(condition.test(event));
}
BENCHMARK(ThreeTermCondition);

std::vector<matcher::Rule> rules(std::size_t count) {
  std::vector<matcher::Rule> list;
  for (std::size_t i = 0; i < count; ++i) {
    matcher::Rule rule;
    rule.entity = "Entity" + std::to_string(i % 100);
    rule.kinds = {EventKind::Update};
    rule.condition = *condition::Condition::parse("total > " + std::to_string(1000 + i) +
                                                  " && status == 'shipped'");
    rule.index = i;
    list.push_back(std::move(rule));
  }
  return list;
}

void MatcherByEntityAndKind(benchmark::State& state) {
  const auto list = rules(static_cast<std::size_t>(state.range(0)));
  const matcher::Matcher matcher(list);
  const Event event = make_event("Entity7");
  std::vector<std::size_t> fired;
  for (auto _ : state) {
    fired.clear();
    matcher.match(event, fired);
    benchmark::DoNotOptimize(fired.data());
  }
}
BENCHMARK(MatcherByEntityAndKind)->Arg(100)->Arg(1'000)->Arg(10'000);

void EveryCondition(benchmark::State& state) {
  const auto list = rules(static_cast<std::size_t>(state.range(0)));
  const Event event = make_event("Entity7");
  for (auto _ : state) {
    std::size_t fired = 0;
    for (const matcher::Rule& rule : list) {
      if (rule.condition.test(event) == condition::Truth::True && rule.entity == event.entity) {
        ++fired;
      }
    }
    benchmark::DoNotOptimize(fired);
  }
}
BENCHMARK(EveryCondition)->Arg(100)->Arg(1'000)->Arg(10'000);

}  // namespace
}  // namespace observerd
