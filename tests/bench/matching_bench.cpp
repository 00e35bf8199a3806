// What an event costs before anything is delivered, beside other ways to do the same, in one run:
//
//   bench_matching [--check] [--record] [--workload DIRECTORY]
//
// One JSON object a line. Ratios (the other way's time over ours) are compared with recorded.json:
// --check ends with 1 when one is more than a third below what is recorded there, --record writes
// them. --workload also runs the files that workload.py wrote to a directory; without it they are
// made when workload.py is found (OBSERVERD_BENCH_DIR, or bench/ beside OBSERVERD_CONFORMANCE_DIR),
// but not by --check, which must be quick.
#include <malloc.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "condition/program.hpp"
#include "matcher/scratch.hpp"
#include "matching/measure.hpp"
#include "matching/other_ways.hpp"
#include "matching/workload.hpp"
#include "report.hpp"

namespace observerd::bench {
namespace {

constexpr int kRounds = 7;

Row read_row(const std::string& text) {
  auto row = Row::parse(text, Code::BadEvent);
  if (!row.ok()) give_up(row.status().to_string());
  return *std::move(row);
}

Event read_event(const RawEvent& raw) {
  Event event;
  event.kind = raw.kind;
  event.entity = raw.entity;
  if (!raw.new_text.empty()) event.new_row = read_row(raw.new_text);
  if (!raw.old_text.empty()) event.old_row = read_row(raw.old_text);
  return event;
}

/// Calls a reader for each row; counts events.
template <typename Reader>
Way read_rows(const Workload& workload, Reader reader) {
  return [&workload, reader] {
    for (const RawEvent& event : workload.events) {
      for (const std::string* text : {&event.new_text, &event.old_text}) {
        if (!text->empty() && !reader(*text)) give_up("a row of the workload is not read");
      }
    }
    return workload.events.size();
  };
}

/// Only our own workloads are there wherever this runs.
Keep keep(const Workload& workload) {
  return workload.name.starts_with("own/") ? Keep::Recorded : Keep::Shown;
}

void measure_reading(const Workload& workload, Report& report) {
  std::vector<Way> ways{
      read_rows(workload, [](const std::string& t) { return Row::parse(t, Code::BadEvent).ok(); }),
      read_rows(workload,
                [](const std::string& t) { return json::parse(t, Code::BadEvent).ok(); })};
  const auto others = other_readers();
  for (const auto& [name, reader] : others) ways.push_back(read_rows(workload, reader));
  const auto ns = take_turns(ways, kRounds);
  report.compare("read", "ns", ns[0], {"a tree of values", ns[1]}, Better::Lower, keep(workload));
  for (std::size_t i = 0; i < others.size(); ++i) {
    report.compare("read", "ns", ns[0], {others[i].first, ns[i + 2]}, Better::Lower, Keep::Shown);
  }
}

void measure_condition(const Workload& workload, Report& report) {
  const auto condition = *condition::Condition::parse(
      "new.status == 'shipped' && new.total > 50 && new.currency != 'EUR'");
  condition::SlotTable slots;
  const auto program = condition::Program::compile(condition.root(), slots);
  std::vector<Event> events;
  for (std::size_t i = 0; i < 256; ++i) {
    events.push_back(read_event(workload.events[i]));
    if (events.back().new_row) (void)*events.back().new_row;
  }
  std::vector<condition::SlotValues> values(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) slots.fill(events[i], values[i]);
  constexpr std::size_t kTimes = 400;
  std::size_t ours = 0;
  std::size_t other = 0;
  const auto ns =
      take_turns({[&] {
                    for (std::size_t n = 0; n < kTimes; ++n) {
                      for (std::size_t i = 0; i < events.size(); ++i) {
                        ours += program.run(events[i], values[i]) == condition::Truth::True ? 1 : 0;
                      }
                    }
                    return kTimes * events.size();
                  },
                  [&] {
                    for (std::size_t n = 0; n < kTimes; ++n) {
                      for (const Event& event : events) {
                        other += condition.test(event) == condition::Truth::True ? 1 : 0;
                      }
                    }
                    return kTimes * events.size();
                  }},
                 kRounds);
  if (ours != other) give_up("the program and the evaluator disagree");
  report.compare("condition", "ns", ns[0], {"walk of the tree", ns[1]}, Better::Lower);
}

void measure_matching(const Workload& workload, Report& report) {
  const std::size_t heap_before = mallinfo2().uordblks + mallinfo2().hblkhd;
  const double start = cpu_seconds();
  const matcher::Matcher matcher(workload.rules);
  const double built = cpu_seconds() - start;
  const std::size_t heap = mallinfo2().uordblks + mallinfo2().hblkhd - heap_before;
  report.figure("build/" + workload.name, "ms", built * 1e3);
  report.figure("memory/" + workload.name, "mib", static_cast<double>(heap) / (1 << 20));

  matcher::Matcher::Scratch scratch;
  std::vector<std::size_t> fired;
  std::size_t matches = 0;
  const auto ours = [&](const Event& event) {
    fired.clear();
    matcher.match(event, scratch, fired);
    matches += fired.size();
  };
  const EvaluateAll evaluate_all(workload.rules);
  // Every condition is evaluated, so fewer events will do.
  const std::size_t few =
      std::min(workload.events.size(), 2'000'000 / (workload.rules.size() + 1) + 20);
  std::vector<Event> events;
  for (const RawEvent& raw : workload.events) events.push_back(read_event(raw));
  for (std::size_t i = 0; i < few; ++i) {
    std::vector<std::size_t> expected;
    evaluate_all.match(events[i], expected);
    ours(events[i]);
    if (fired != expected) give_up(workload.name + ": the index and brute force disagree");
  }
  matches = 0;
  for (const Event& event : events) ours(event);
  if (workload.matches != 0 && matches != workload.matches) {
    give_up(workload.name + ": " + std::to_string(matches) + " matches instead of " +
            std::to_string(workload.matches));
  }
  report.figure("matches/" + workload.name, "count", static_cast<double>(matches));

  const auto ns = take_turns({[&] {
                                for (const RawEvent& raw : workload.events) ours(read_event(raw));
                                return workload.events.size();
                              },
                              [&] {
                                for (std::size_t i = 0; i < few; ++i) {
                                  fired.clear();
                                  evaluate_all.match(read_event(workload.events[i]), fired);
                                }
                                return few;
                              },
                              [&] {
                                for (const Event& event : events) ours(event);
                                return events.size();
                              }},
                             kRounds);
  report.compare("read and match/" + workload.name, "ns", ns[0],
                 {"a tree of values, by entity and kind, every condition", ns[1]}, Better::Lower,
                 keep(workload));
  report.figure("match alone/" + workload.name, "ns", ns[2]);
}

/// The directory that has workload.py, or nothing.
std::filesystem::path workload_source() {
  std::filesystem::path directory;
  if (const char* own = std::getenv("OBSERVERD_BENCH_DIR")) {
    directory = own;
  } else {
    const char* conformance = std::getenv("OBSERVERD_CONFORMANCE_DIR");
    directory = std::filesystem::path(conformance != nullptr ? conformance
                                                             : OBSERVERD_CONFORMANCE_DEFAULT) /
                ".." / "bench";
  }
  return std::filesystem::exists(directory / "workload.py") ? directory : std::filesystem::path();
}

std::filesystem::path made_workload() {
  const auto source = workload_source();
  if (source.empty()) {
    std::cerr << "workload.py is not there (OBSERVERD_BENCH_DIR): its workloads are NOT measured\n";
    return {};
  }
  const std::filesystem::path directory = OBSERVERD_BUILD_DIR "/bench-workload";
  if (!std::filesystem::exists(directory / "observers_pure_100000.json")) {
    const std::string command = "python3 '" + (source / "workload.py").string() + "' '" +
                                directory.string() + "' >/dev/null";
    if (std::system(command.c_str()) != 0) give_up(command + " failed");
  }
  return directory;
}

void measure_known_workloads(const std::filesystem::path& directory, Report& report) {
  const struct {
    const char* set;
    std::size_t observers;
    std::size_t matches;
  } known[] = {{"full", 10, 35},           {"full", 1'000, 4'371}, {"full", 10'000, 44'589},
               {"full", 100'000, 455'605}, {"eq", 1'000, 4'477},   {"eq", 100'000, 455'857}};
  bool first = true;
  for (const auto& each : known) {
    Workload workload = load_workload(directory, each.set, each.observers);
    workload.matches = each.matches;
    if (first) measure_reading(workload, report);
    first = false;
    measure_matching(workload, report);
  }
}

int run(const std::vector<std::string>& arguments) {
  bool check = false;
  bool record = false;
  std::filesystem::path directory;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--check") {
      check = true;
    } else if (arguments[i] == "--record") {
      record = true;
    } else if (arguments[i] == "--workload" && i + 1 < arguments.size()) {
      directory = arguments[++i];
    } else {
      give_up("usage: bench_matching [--check] [--record] [--workload DIRECTORY]");
    }
  }
  Report report(OBSERVERD_SOURCE_DIR "/tests/bench/recorded.json");
  const Workload small = make_workload(20'000, 1'000);
  measure_reading(small, report);
  measure_condition(small, report);
  measure_matching(small, report);
  measure_matching(make_workload(20'000, 100'000), report);
  if (directory.empty() && !check) directory = made_workload();
  if (!directory.empty()) measure_known_workloads(directory, report);
  return report.conclude(check, record);
}

}  // namespace
}  // namespace observerd::bench

int main(int argc, char** argv) {
  return observerd::bench::run(std::vector<std::string>(argv + 1, argv + argc));
}
