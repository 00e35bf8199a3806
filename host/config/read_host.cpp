// The parts that concern the host itself: database, runtime, log.
#include <algorithm>

#include "config/readers.hpp"
#include "config/words.hpp"

namespace observerd::config {
namespace {

using namespace std::chrono_literals;

/// 58 bytes: the wake-up channel is the name and "_wake", and PostgreSQL keeps 63 of a name.
constexpr std::size_t kLongestSchema = 58;

bool is_schema_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && name.size() <= kLongestSchema && letter(name.front()) &&
         !name.starts_with("pg_") && std::all_of(name.begin(), name.end(), [&](char c) {
           return letter(c) || (c >= '0' && c <= '9');
         });
}

bool is_connection_string(std::string_view text) {
  return text.starts_with("postgresql://") || text.starts_with("postgres://") ||
         (text.find('=') != std::string_view::npos && text.find("://") > text.find('='));
}

}  // namespace

DatabaseSettings read_database(const Reading& reading, Section& root, const json::Value& document) {
  DatabaseSettings out;
  Section section(reading, root.object("database"), document, "/database");
  out.place = section.place();
  out.url = reading.complete ? section.required_string("url") : section.string("url").value_or("");
  if (!out.url.empty() && !is_connection_string(out.url)) {
    section.problem("url",
                    "must be a PostgreSQL URL such as postgresql://user@host/name, or keywords "
                    "such as \"host=/run/postgresql dbname=name\"");
  }
  if (const auto schema = section.string("schema")) {
    out.schema = *schema;
    if (!is_schema_name(*schema)) {
      section.problem("schema",
                      "must be 1 to 58 letters, digits and \"_\", must not start with a digit and "
                      "not with \"pg_\"");
    }
  }
  out.shards = static_cast<int>(section.integer("shards", 1, 64).value_or(out.shards));
  section.finish();
  return out;
}

namespace {

std::optional<AlertSettings> read_alert(const Reading& reading, Section& runtime,
                                        const Settings& settings,
                                        const DeliverySettings& defaults) {
  const json::Value* value = runtime.object("alert");
  if (value == nullptr) return std::nullopt;
  AlertSettings out;
  Section section(reading, value, *value, runtime.pointer_to("alert"));
  out.place = section.place();
  out.rate = section.rate("rate").value_or(out.rate);
  section.must_have("action");
  const json::Value* action = section.object("action");
  if (action == nullptr) {
    if (value->find("action") == nullptr) {
      section.problem("action",
                      "the setting \"action\" is missing: an action as observers have it");
    }
    section.finish();
    return std::nullopt;
  }
  out.action = read_single_action(reading, *action, *value, section.pointer_to("action"), settings,
                                  defaults);
  // An alert that fails is logged and nothing more: no alert of an alert, no dead letter of one.
  out.action.delivery.on_failure = OnFailure::Log;
  section.finish();
  return out;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.");
}

}  // namespace

RuntimeSettings read_runtime(const Reading& reading, Section& root, const json::Value& document,
                             const Settings& settings, const DeliverySettings& defaults) {
  static constexpr Choice<Overflow> kOverflows[] = {
      {"block", Overflow::Block}, {"drop", Overflow::Drop}, {"drop_oldest", Overflow::DropOldest}};
  static constexpr Choice<EventLog> kEventLogs[] = {{"all", EventLog::All},
                                                    {"matched", EventLog::Matched},
                                                    {"failed", EventLog::Failed},
                                                    {"none", EventLog::None}};
  RuntimeSettings out;
  Section section(reading, root.object("runtime"), document, "/runtime");
  out.queue_events =
      static_cast<int>(section.integer("queue_events", 1, 10'000'000).value_or(out.queue_events));
  out.queue_bytes = section.bytes("queue_bytes", 64 << 10, 64LL << 30).value_or(out.queue_bytes);
  out.shutdown_timeout =
      section.duration("shutdown_timeout", 0s, 1h).value_or(out.shutdown_timeout);
  out.poll_interval = section.duration("poll_interval", 10ms, 1h).value_or(out.poll_interval);
  out.event_log = section.choice("event_log", kEventLogs).value_or(out.event_log);
  out.event_log_retention =
      section.duration("event_log_retention", 0s, std::chrono::hours(24 * 3650))
          .value_or(out.event_log_retention);
  out.overflow = section.choice("overflow", kOverflows).value_or(out.overflow);
  out.watch = section.boolean("watch").value_or(out.watch);
  out.alert = read_alert(reading, section, settings, defaults);
  section.finish();
  return out;
}

std::optional<AdminSettings> read_admin(const Reading& reading, Section& root,
                                        const json::Value& document) {
  const json::Value* value = root.object("admin");
  if (value == nullptr) return std::nullopt;
  AdminSettings out;
  Section section(reading, value, document, "/admin");
  out.place = section.place();
  out.listen = section.string("listen").value_or(out.listen);
  const auto token = section.string("token");
  out.token = token.value_or("");
  // One that could not be read was reported, or is none of the reader's business.
  const bool is_written = value->find("token") != nullptr || value->find("token_env") != nullptr;
  const bool has_token = token ? !token->empty() : is_written;
  section.finish();
  if (out.listen.starts_with("unix:/")) return out;
  const std::size_t colon = out.listen.rfind(':');
  const std::string port = colon == std::string::npos ? "" : out.listen.substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 &&
                      port.find_first_not_of("0123456789") == std::string::npos;
  if (colon == 0 || !digits || std::stoi(port) > 65535) {
    section.problem("listen",
                    "must be \"HOST:PORT\" such as \"127.0.0.1:9810\", or \"unix:/PATH\"");
  } else if (!has_token && !is_loopback(out.listen.substr(0, colon))) {
    section.problem("listen", "listening beyond loopback needs a \"token\" in \"admin\"");
  }
  return out;
}

LogSettings read_log(const Reading& reading, Section& root, const json::Value& document) {
  static constexpr Choice<std::string_view> kLevels[] = {{"trace", "trace"},
                                                         {"debug", "debug"},
                                                         {"info", "info"},
                                                         {"warn", "warn"},
                                                         {"error", "error"}};
  static constexpr Choice<bool> kFormats[] = {{"text", false}, {"json", true}};
  LogSettings out;
  Section section(reading, root.object("log"), document, "/log");
  out.level = section.choice("level", kLevels).value_or(out.level);
  out.json = section.choice("format", kFormats).value_or(out.json);
  section.finish();
  return out;
}

}  // namespace observerd::config
