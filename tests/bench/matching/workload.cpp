#include "matching/workload.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <random>
#include <sstream>

#include "report.hpp"

namespace observerd::bench {
namespace {

constexpr std::size_t kEntities = 50;
constexpr std::size_t kCustomers = 5000;
const std::vector<std::string> kStatuses = {"new",      "pending",   "paid",     "packed",
                                            "shipped",  "delivered", "returned", "cancelled",
                                            "refunded", "on_hold",   "failed",   "archived"};
const std::vector<std::string> kCurrencies = {"EUR", "USD", "GBP", "JPY", "CHF",
                                              "SEK", "PLN", "CZK", "DKK", "NOK"};
const std::vector<std::string> kWords = {"lorem", "ipsum", "dolor",  "sit",    "amet",
                                         "elit",  "sed",   "tempor", "labore", "aliqua"};

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {
    for (int i = 0; i < 20'000; ++i) sorted_totals_.push_back(total());
    std::sort(sorted_totals_.begin(), sorted_totals_.end());
  }

  RawEvent event(std::size_t number) {
    const std::string id = std::to_string(number);
    RawEvent out;
    out.entity = entity();
    const std::size_t kind = pick(100);
    out.kind = kind < 25 ? EventKind::Insert : kind < 90 ? EventKind::Update : EventKind::Delete;
    const std::string status = one_of(kStatuses);
    const std::string sum = cents(total());
    const std::string priority = std::to_string(pick(100));
    const std::string tail = rest();
    const std::string row = text(id, status, sum, priority, tail, "2026-04-05T06:07:08Z");
    if (out.kind != EventKind::Delete) out.new_text = row;
    if (out.kind == EventKind::Delete) out.old_text = row;
    if (out.kind == EventKind::Update) {
      out.old_text =
          text(id, pick(2) == 0 ? one_of(kStatuses) : status, pick(10) < 3 ? cents(total()) : sum,
               pick(10) == 0 ? std::to_string(pick(100)) : priority, tail, "2026-02-01T00:00:00Z");
    }
    return out;
  }

  matcher::Rule rule(std::size_t index) {
    matcher::Rule rule;
    rule.entity = entity();
    rule.index = index;
    const std::size_t kind = pick(100);
    std::string when;
    if (kind < 40) {
      const std::string& status = one_of(kStatuses);
      rule.kinds = {EventKind::Update};
      when = "new.status == '" + status + "' && old.status != '" + status + "'";
      if (pick(2) == 0) when += " && new.region == '" + region() + "'";
    } else if (kind < 65) {
      rule.kinds = {pick(2) == 0 ? EventKind::Insert : EventKind::Update};
      when = "new.total > " + cents(quantile(0.95 + 0.0499 * fraction()));
    } else if (kind < 80) {
      when = "new.customer_id == '" + customer() + "'";
    } else if (kind < 90) {
      const std::string currency = " && new.currency != '" + one_of(kCurrencies) + "')";
      when =
          "(new.priority >= 99" + currency + " || (new.channel == '" + channel() + "'" + currency;
    } else if (kind < 98) {
      const double from = 0.01 + 0.97 * fraction();
      when = "new.total > " + cents(quantile(from)) +
             " && new.total <= " + cents(quantile(from + 0.01)) +
             " && has_field(new.discount_code)";
    } else {
      const std::string& status = one_of(kStatuses);
      rule.entity = "*";
      when = "new.total > " + cents(quantile(0.99 + 0.0099 * fraction())) + " && new.status == '" +
             status + "' && old.status != '" + status + "'";
    }
    rule.condition = condition::Condition::parse(when).value();
    return rule;
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }
  double fraction() { return static_cast<double>(random_() >> 11) * 0x1.0p-53; }
  const std::string& one_of(const std::vector<std::string>& from) {
    return from[pick(from.size())];
  }
  static std::string padded(std::size_t number, std::size_t width) {
    std::string digits = std::to_string(number);
    return std::string(width - std::min(width, digits.size()), '0') + digits;
  }
  std::string entity() { return "ent_" + padded(pick(kEntities), 2); }
  std::string region() { return "region_" + padded(pick(20), 2); }
  std::string channel() { return "chan_" + padded(pick(40), 2); }
  std::string customer() { return "cust_" + padded(pick(kCustomers), 6); }

  /// In cents: most are small, a few are large.
  long total() {
    double normal = -6;
    for (int i = 0; i < 12; ++i) normal += fraction();
    return std::lround(std::min(std::exp(4.5 + 1.1 * normal), 99'999.0) * 100);
  }
  long quantile(double part) const {
    const auto at = static_cast<std::size_t>(part * static_cast<double>(sorted_totals_.size()));
    return sorted_totals_[std::min(at, sorted_totals_.size() - 1)];
  }
  static std::string cents(long value) {
    return std::to_string(value / 100) + '.' + padded(static_cast<std::size_t>(value % 100), 2);
  }

  static std::string text(const std::string& id, const std::string& status, const std::string& sum,
                          const std::string& priority, const std::string& tail,
                          const std::string& updated) {
    return R"({"id":)" + id + R"(,"status":")" + status + R"(","total":)" + sum +
           R"(,"priority":)" + priority + tail + R"(,"updated_at":")" + updated + "\"}";
  }
  std::string rest() {
    std::string out = R"(,"region":")" + region() + R"(","customer_id":")" + customer() +
                      R"(","channel":")" + channel() + R"(","currency":")" + one_of(kCurrencies) +
                      R"(","qty":)" + std::to_string(1 + pick(39)) + R"(,"paid":)" +
                      (pick(2) == 0 ? "true" : "false") + R"(,"sku":"SKU-)" +
                      padded(pick(100'000'000), 8) + R"(","address":{"street":")" +
                      std::to_string(1 + pick(998)) + ' ' + one_of(kWords) + R"( street","zip":")" +
                      padded(pick(99'999), 5) + R"(","country":"DE"},"note":")";
    for (std::size_t words = 6 + pick(9); words > 0; --words) {
      out += one_of(kWords) + (words > 1 ? " " : "\"");
    }
    out += R"(,"created_at":"2026-03-20T04:33:50Z")";
    if (pick(10) == 0) out += R"(,"discount_code":"D)" + padded(pick(10'000), 4) + '"';
    return out;
  }

  std::mt19937_64 random_;
  std::vector<long> sorted_totals_;
};

[[noreturn]] void give_up(const std::filesystem::path& file, const std::string& why) {
  bench::give_up(file.string() + ": " + why);
}

std::string row_text(const json::Value& event, const char* name) {
  const json::Value* row = event.find(name);
  return row == nullptr || row->is_null() ? "" : json::write(*row);
}

}  // namespace

Workload make_workload(std::size_t events, std::size_t observers) {
  Workload out;
  out.name = "own/" + std::to_string(observers);
  Generator generator(42);
  for (std::size_t i = 0; i < events; ++i) out.events.push_back(generator.event(i));
  for (std::size_t i = 0; i < observers; ++i) out.rules.push_back(generator.rule(i));
  return out;
}

Workload load_workload(const std::filesystem::path& directory, const std::string& set,
                       std::size_t observers) {
  Workload out;
  out.name = set + '/' + std::to_string(observers);
  const auto events = directory / "events.jsonl";
  std::ifstream lines(events);
  for (std::string line; std::getline(lines, line);) {
    const auto event = json::parse(line, Code::BadEvent);
    if (!event.ok()) give_up(events, event.status().to_string());
    const auto kind = parse_kind(event->string_or("kind"));
    if (!kind) give_up(events, "an event without a kind");
    out.events.push_back(
        {*kind, event->string_or("entity"), row_text(*event, "new"), row_text(*event, "old")});
  }
  const auto file = directory / ("observers_" + set + '_' + std::to_string(observers) + ".json");
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  const auto list = json::parse(text.str(), Code::Configuration);
  if (!list.ok()) give_up(file, list.status().to_string());
  for (const json::Value& observer : list->find("observers")->items()) {
    matcher::Rule rule;
    rule.entity = observer.string_or("entity");
    for (const json::Value& kind : observer.find("events")->items()) {
      if (const auto parsed = parse_kind(kind.text())) rule.kinds.push_back(*parsed);
    }
    auto condition = condition::Condition::parse(observer.string_or("when"));
    if (!condition.ok()) give_up(file, condition.status().to_string());
    rule.condition = *std::move(condition);
    rule.index = out.rules.size();
    out.rules.push_back(std::move(rule));
  }
  return out;
}

}  // namespace observerd::bench
