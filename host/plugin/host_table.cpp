#include "plugin/host_table.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <mutex>
#include <utility>
#include <vector>

#include "plugin/keep_alive.hpp"
#include "plugin/text.hpp"

namespace observerd::plugin {
namespace {

constexpr std::size_t max_message_bytes = 4096;
constexpr std::size_t max_key_bytes = 64;
constexpr std::size_t max_value_bytes = 1024;
constexpr std::uint32_t max_fields = 32;
constexpr std::size_t max_metric_name_bytes = 64;
constexpr std::uint32_t max_labels = 8;

int known_level(std::int32_t level) {
  return level < OBSERVERD_LOG_TRACE || level > OBSERVERD_LOG_ERROR ? OBSERVERD_LOG_INFO : level;
}

bool is_metric_name(std::string_view name) {
  return !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

/// Cleaned copies of a plugin's fields, and the views that HostServices takes.
class CleanFields {
 public:
  CleanFields(const observerd_field* fields, std::uint32_t count, std::uint32_t most) {
    if (fields == nullptr) return;
    count = std::min(count, most);
    texts_.reserve(count);  // the views below need stable strings
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto& text = texts_.emplace_back(clean_text(fields[i].key, max_key_bytes),
                                             clean_text(fields[i].value, max_value_bytes));
      views_.emplace_back(text.first, text.second);
    }
  }
  const HostServices::Fields& views() const { return views_; }

 private:
  std::vector<std::pair<std::string, std::string>> texts_;
  HostServices::Fields views_;
};

struct Words {
  std::string_view kind;
  std::string_view sentence;
};
Words words_of(Misbehaviour what) {
  switch (what) {
    case Misbehaviour::ReportedTwice:
      return {"reported_twice", "the plugin reported an item twice; the first report counts"};
    case Misbehaviour::IndexOutOfRange:
      return {"index_out_of_range", "the plugin reported an item that its batch does not have"};
    case Misbehaviour::MalformedResult:
      return {"malformed_result", "the plugin reported a result without struct_size"};
    case Misbehaviour::UnknownOutcome:
      return {"unknown_outcome", "the plugin reported an outcome unknown to this host"};
    case Misbehaviour::Unreported:
      return {"unreported", "the plugin left items without a result"};
    case Misbehaviour::ThrewException:
      return {"exception", "the plugin let an exception through its C boundary"};
  }
  return {"unknown", "the plugin misbehaved"};
}

std::int64_t now_ns(const observerd_host*) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// This host has no draft features.
const void* extension(const observerd_host*, const char*) {
  return nullptr;
}

}  // namespace

HostTable& HostTable::create(std::string type, HostServices& services) {
  const std::shared_ptr<HostTable> table(new HostTable(std::move(type), services));
  keep_alive(table);
  return *table;
}

HostTable::HostTable(std::string type, HostServices& services)
    : type_(std::move(type)), services_(&services) {
  raw_.struct_size = sizeof raw_;
  raw_.abi_minor = OBSERVERD_ABI_NEWEST_MINOR;
  raw_.context = this;
  raw_.log_enabled = &HostTable::log_enabled;
  raw_.log = &HostTable::log;
  raw_.metric = &HostTable::metric;
  raw_.now_ns = &now_ns;
  raw_.extension = &extension;
}

void HostTable::detach() {
  const std::unique_lock lock(mutex_);
  services_ = nullptr;
}

void HostTable::say(int level, std::string_view message,
                    const HostServices::Fields& fields) noexcept {
  with_services([&](HostServices& services) { services.log(type_, level, message, fields); });
}

void HostTable::misbehaved(Misbehaviour what) noexcept {
  const std::uint64_t times = ++misbehaviours_[static_cast<std::size_t>(what)];
  const Words words = words_of(what);
  with_services([&](HostServices& services) {
    services.metric(type_, OBSERVERD_METRIC_COUNTER, "misbehaved_total", 1, {{"what", words.kind}});
    if (!std::has_single_bit(times)) return;
    services.log(type_, OBSERVERD_LOG_WARN,
                 code_name(Code::PluginMisbehaved) + " " + std::string(words.sentence),
                 {{"times", std::to_string(times)}});
  });
}

HostTable& HostTable::of(const observerd_host* self) {
  return *static_cast<HostTable*>(self->context);
}

template <typename Body>
void HostTable::with_services(const Body& body) noexcept {
  try {
    const std::shared_lock lock(mutex_);
    if (services_ != nullptr) body(*services_);
  } catch (...) {  // a log line or a sample is lost; nothing may cross into the plugin
  }
}

std::int32_t HostTable::log_enabled(const observerd_host* self, std::int32_t level) {
  bool enabled = false;
  HostTable& table = of(self);
  table.with_services([&](HostServices& services) {
    enabled = services.log_enabled(table.type_, known_level(level));
  });
  return enabled ? 1 : 0;
}

void HostTable::log(const observerd_host* self, std::int32_t level, observerd_str message,
                    const observerd_field* fields, std::uint32_t field_count) {
  HostTable& table = of(self);
  table.with_services([&](HostServices& services) {
    if (!services.log_enabled(table.type_, known_level(level))) return;
    const CleanFields clean(fields, field_count, max_fields);
    services.log(table.type_, known_level(level), clean_text(message, max_message_bytes),
                 clean.views());
  });
}

void HostTable::metric(const observerd_host* self, std::int32_t kind, observerd_str name,
                       double value, const observerd_field* labels, std::uint32_t label_count) {
  if (kind < OBSERVERD_METRIC_COUNTER || kind > OBSERVERD_METRIC_HISTOGRAM) return;
  if (!std::isfinite(value) || (kind == OBSERVERD_METRIC_COUNTER && value < 0)) return;
  HostTable& table = of(self);
  table.with_services([&](HostServices& services) {
    const std::string clean_name = clean_text(name, max_metric_name_bytes);
    if (!is_metric_name(clean_name)) return;
    const CleanFields clean(labels, label_count, max_labels);
    services.metric(table.type_, kind, clean_name, value, clean.views());
  });
}

}  // namespace observerd::plugin
