#include "check/report.hpp"

#include "base/json.hpp"

namespace observerd::check {
namespace {

json::Value text(std::string_view words) {
  return json::Value::string(std::string(words));
}
json::Value number(std::size_t value) {
  return json::Value::integer(static_cast<std::int64_t>(value));
}

std::string abi_of(const plugin::AbiNote& note) {
  return std::to_string(note.major) + "." + std::to_string(note.minor);
}

std::string padded(std::string_view words, std::size_t width) {
  std::string field(words);
  field.resize(std::max(width, field.size()), ' ');
  return field;
}

void write_outcome(std::string& out, const Outcome& outcome) {
  constexpr std::size_t word_width = 9;
  const std::string margin(word_width, ' ');
  const Verdict verdict = outcome.finding.verdict();
  const bool failed = verdict == Verdict::Failed;
  out += padded(failed ? "FAILED" : verdict_name(verdict), word_width) + outcome.test->name;
  if (verdict == Verdict::Skipped) out += ": " + outcome.finding.seen().front();
  out += '\n';
  if (verdict == Verdict::Ok || verdict == Verdict::Skipped) return;
  out += margin + "wanted: " + outcome.test->description + '\n';
  const char* label = "seen:   ";
  for (const std::string& line : outcome.finding.seen()) {
    out += margin + label + line + '\n';
    label = "        ";
  }
  out += margin + "do:     " + outcome.test->advice + '\n';
}

}  // namespace

Counts::Counts(const RunResult& result) {
  for (const Outcome& outcome : result.outcomes) {
    switch (outcome.finding.verdict()) {
      case Verdict::Ok:
        ++ok;
        break;
      case Verdict::Warning:
        ++warnings;
        break;
      case Verdict::Failed:
        ++failed;
        break;
      case Verdict::Skipped:
        ++skipped;
        break;
    }
  }
}

std::string text_report(const RunResult& result, const plugin::Candidate& file,
                        const Options& options) {
  std::string out;
  for (const Outcome& outcome : result.outcomes) {
    const Verdict verdict = outcome.finding.verdict();
    const bool quiet = verdict == Verdict::Ok || verdict == Verdict::Skipped;
    if (!options.only_failed || !quiet) write_outcome(out, outcome);
  }
  const Counts counts(result);
  out += file.real_path.string() + " (ABI " + abi_of(*file.elf.note) + ") " +
         (counts.conforms() ? "conforms" : "does not conform") + ": " + std::to_string(counts.ok) +
         " ok, " + std::to_string(counts.warnings) + " with warnings, " +
         std::to_string(counts.failed) + " failed, " + std::to_string(counts.skipped) +
         " skipped\n";
  if (!options.in_process && !result.isolation.processes) {
    out +=
        "note: no namespaces are permitted here; the tests ran beside other processes and with "
        "the network of this machine\n";
  }
  return out;
}

std::string json_report(const RunResult& result, const plugin::Candidate& file) {
  const Counts counts(result);
  json::Value tests = json::Value::array();
  for (const Outcome& outcome : result.outcomes) {
    const Verdict verdict = outcome.finding.verdict();
    const bool advise = verdict == Verdict::Failed || verdict == Verdict::Warning;
    json::Value seen = json::Value::array();
    for (const std::string& line : outcome.finding.seen()) seen.push_back(text(line));
    tests.push_back(
        json::Value::object({{"name", text(outcome.test->name)},
                             {"description", text(outcome.test->description)},
                             {"result", text(verdict_name(verdict))},
                             {"seen", std::move(seen)},
                             {"advice", advise ? text(outcome.test->advice) : json::Value()},
                             {"milliseconds", json::Value::integer(outcome.took.count())}}));
  }
  return json::write_pretty(json::Value::object(
             {{"file", text(file.real_path.string())},
              {"sha256", text(file.sha256)},
              {"abi", text(abi_of(*file.elf.note))},
              {"conforms", json::Value::boolean(counts.conforms())},
              {"isolated",
               json::Value::object({{"processes", json::Value::boolean(result.isolation.processes)},
                                    {"network", json::Value::boolean(result.isolation.network)}})},
              {"counts", json::Value::object({{"ok", number(counts.ok)},
                                              {"warning", number(counts.warnings)},
                                              {"failed", number(counts.failed)},
                                              {"skipped", number(counts.skipped)}})},
              {"tests", std::move(tests)}})) +
         "\n";
}

std::string list_of_tests(bool as_json) {
  if (!as_json) {
    std::string out;
    for (const Test& test : all_tests()) {
      out += padded(test.name, 28) + test.description + '\n';
    }
    return out;
  }
  json::Value list = json::Value::array();
  for (const Test& test : all_tests()) {
    json::Value needs = json::Value::array();
    for (const std::string_view need : test.needs) needs.push_back(text(need));
    list.push_back(json::Value::object({{"name", text(test.name)},
                                        {"needs", std::move(needs)},
                                        {"description", text(test.description)},
                                        {"advice", text(test.advice)}}));
  }
  return json::write_pretty(list) + "\n";
}

}  // namespace observerd::check
