#include "observerd/plugin.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <map>
#include <memory>
#include <string>

#include "base/json.hpp"
#include "common/settings.hpp"
#include "log/log_file.hpp"

namespace observerd::log {
namespace {

constexpr const char* action_schema = R"({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "message": {
      "description": "The line to write; without it the event as JSON.",
      "type": "string", "x-template": "text"
    },
    "level": {
      "description": "How important the line is.",
      "enum": ["trace", "debug", "info", "warn", "error"], "default": "info"
    },
    "file": {
      "description": "Absolute path of a file to append to; without it observerd's own log.",
      "type": "string", "pattern": "^/"
    }
  }
})";

constexpr std::array<std::string_view, 5> levels = {"trace", "debug", "info", "warn", "error"};

struct LogAction final : sdk::Action {
  std::int32_t level = OBSERVERD_LOG_INFO;
  std::shared_ptr<LogFile> file;  ///< nullptr for the host's log
};

/// A line stays a line: what would end it is written as an escape.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else {
      out += c;
    }
  }
  return out;
}

/// RFC 3339, UTC, milliseconds.
std::string timestamp(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  const auto fraction =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count() % 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                parts.tm_sec, static_cast<int>(fraction));
  return text.data();
}

std::string message_of(const sdk::Item& item) {
  const auto settings = json::parse(item.settings(), Code::ActionSettings);
  const json::Value* message = settings ? settings->find("message") : nullptr;
  return message != nullptr && message->is_string() ? message->text() : std::string(item.event());
}

/// "TIME LEVEL MESSAGE\n"; the time is the event's own.
std::string line_of(const sdk::Item& item) {
  return timestamp(item.created()) + " " +
         std::string(levels[static_cast<std::size_t>(item.action<LogAction>().level)]) + " " +
         one_line(message_of(item)) + "\n";
}

/// Writes one line per event, into the host's log or into files. The host calls deliver one at a
/// time, so that the lines of a file stay in order.
class LogModule final : public sdk::Module {
 public:
  using Module::Module;

  static constexpr sdk::TypeInfo info() {
    return sdk::TypeInfo("log", "Writes a line for each event, to observerd's log or to a file.")
        .action_schema(action_schema)
        .max_batch(256);
  }

  std::unique_ptr<sdk::Action> bind(std::string_view settings_json, sdk::Errors& errors,
                                    sdk::Binding& binding) override {
    const auto settings = common::parse_settings(settings_json, errors);
    if (!settings) return nullptr;
    auto action = std::make_unique<LogAction>();
    const std::string level = settings->string_or("level", "info");
    for (std::size_t i = 0; i < levels.size(); ++i) {
      if (levels[i] == level) action->level = static_cast<std::int32_t>(i);
    }
    const std::string path = settings->string_or("file");
    if (!path.empty()) action->file = shared_file(path);
    binding.lane_key(path.empty() ? "log" : "file:" + path);
    binding.batch_key(path.empty() ? "log" : path);
    return action;
  }

  void deliver_batch(sdk::Batch& batch) override {
    const LogAction& first = batch[0].action<LogAction>();  // all of a batch share the file
    if (first.file != nullptr) {
      append(batch, *first.file);
      return;
    }
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
      const sdk::Item item = batch[i];
      host().log(item.action<LogAction>().level, one_line(message_of(item)),
                 {{"delivery_id", item.delivery_id()}, {"trace_id", trace_id(item)}});
      batch.report(i, sdk::delivered());
    }
  }

  bool probe(sdk::Action& action, sdk::Errors& errors) override {
    const auto& file = static_cast<LogAction&>(action).file;
    const std::string obstacle = file == nullptr ? "" : file->obstacle();
    if (!obstacle.empty()) errors.add("/file", obstacle);
    return obstacle.empty();
  }

  void preview(const sdk::Item& item, sdk::Preview& preview) override {
    preview.write(line_of(item));
  }

 private:
  /// Of the traceparent, "00-TRACE-PARENT-FLAGS"; "" when the event has none.
  static std::string_view trace_id(const sdk::Item& item) {
    const std::string_view parent = item.trace_parent();
    return parent.size() >= 35 ? parent.substr(3, 32) : std::string_view();
  }

  static void append(sdk::Batch& batch, LogFile& file) {
    std::string lines;
    for (std::uint32_t i = 0; i < batch.size(); ++i) lines += line_of(batch[i]);
    batch.report_rest(file.append(lines).value_or(sdk::delivered()));
  }

  /// Actions that name one path share one descriptor; it closes with the last of them.
  std::shared_ptr<LogFile> shared_file(const std::string& path) {
    std::weak_ptr<LogFile>& known = files_[path];
    std::shared_ptr<LogFile> file = known.lock();
    if (file == nullptr) known = file = std::make_shared<LogFile>(path);
    return file;
  }

  std::map<std::string, std::weak_ptr<LogFile>> files_;  // only bind uses it: one at a time
};

}  // namespace
}  // namespace observerd::log

OBSERVERD_SDK_PLUGIN(0,
                     observerd::sdk::PluginInfo("log", OBSERVERD_VERSION)
                         .description("Writes a line for each event.")
                         .license("Apache-2.0")
                         .vendor("observerd"),
                     observerd::log::LogModule);
