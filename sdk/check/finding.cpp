#include "check/finding.hpp"

#include <array>

#include "plugin/text.hpp"

namespace observerd::check {
namespace {

constexpr std::size_t max_lines = 12;
constexpr std::size_t max_line_bytes = 600;
constexpr std::array<std::string_view, 4> names = {"ok", "warning", "failed", "skipped"};

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  return names.at(static_cast<std::size_t>(verdict));
}

std::string printable(std::string_view text, std::size_t max_bytes) {
  std::string clean = plugin::clean_text(plugin::to_str(text), max_bytes);
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return clean;
}

void Finding::add(Verdict verdict, std::string_view seen) {
  if (verdict_ < verdict) {
    // A failure matters more than a warning: it stands first, and is not crowded out.
    verdict_ = verdict;
    if (verdict == Verdict::Failed) seen_.insert(seen_.begin(), printable(seen, max_line_bytes));
    if (verdict == Verdict::Failed) return;
  }
  if (seen_.size() < max_lines) seen_.push_back(printable(seen, max_line_bytes));
}

void Finding::fail(std::string_view seen) {
  add(Verdict::Failed, seen);
}

void Finding::warn(std::string_view seen) {
  add(Verdict::Warning, seen);
}

void Finding::skip(std::string_view why) {
  if (verdict_ == Verdict::Failed) return;  // of another type, say
  seen_.assign(1, printable(why, max_line_bytes));
  verdict_ = Verdict::Skipped;
}

void Finding::fail(const Status& status, std::string_view before) {
  std::string text(before);
  text += status.message();
  if (!status.place().pointer.empty()) text += " (at " + status.place().pointer + ")";
  fail(text);
  for (const std::string& note : status.notes()) add(Verdict::Failed, note);
}

void Finding::fail_unless_ok(const Status& status, std::string_view before) {
  if (!status.ok()) fail(status, before);
}

json::Value Finding::to_json() const {
  json::Value::Array seen;
  for (const std::string& line : seen_) seen.push_back(json::Value::string(line));
  return json::Value::object({{"result", json::Value::string(std::string(verdict_name(verdict_)))},
                              {"seen", json::Value::array(std::move(seen))}});
}

bool Finding::from_json(const json::Value& value, Finding& finding) {
  const json::Value* seen = value.find("seen");
  const std::string result = value.string_or("result");
  if (seen == nullptr || !seen->is_array()) return false;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (result != names[i]) continue;
    finding = Finding();
    finding.verdict_ = static_cast<Verdict>(i);
    for (const json::Value& line : seen->items()) {
      if (!line.is_string()) return false;
      finding.seen_.push_back(printable(line.text(), max_line_bytes));
    }
    return true;
  }
  return false;
}

}  // namespace observerd::check
