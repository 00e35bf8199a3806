#include "telemetry/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <chrono>
#include <vector>

#include "base/json.hpp"

namespace observerd::telemetry {
namespace {

constexpr std::string_view kNames[] = {"trace", "debug", "info", "warn", "error"};

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::Trace:
      return spdlog::level::trace;
    case Level::Debug:
      return spdlog::level::debug;
    case Level::Info:
      return spdlog::level::info;
    case Level::Warn:
      return spdlog::level::warn;
    case Level::Error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

/// Values that a person can read unquoted stay so; anything else is a JSON string, which also keeps
/// an entry on one line whatever it holds.
void append_text_value(std::string& out, const std::string& value) {
  const bool plain = !value.empty() && value.find_first_not_of(
                                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789_-.:/@+,") == std::string::npos;
  if (plain) {
    out += value;
  } else {
    json::quote_to(out, value);
  }
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += " | ";
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
    }
  }
  return out;
}

}  // namespace

bool parse_level(std::string_view name, Level& out) {
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == name) {
      out = static_cast<Level>(i);
      return true;
    }
  }
  return false;
}

class Log::Sink {
 public:
  explicit Sink(const LogOptions& options)
      : logger_("observerd", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger_.set_level(spdlog::level::trace);
    logger_.flush_on(spdlog::level::trace);
    logger_.set_pattern(options.json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})"
                                     : "%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  }
  void write(Level level, const std::string& line) { logger_.log(to_spdlog(level), line); }

 private:
  spdlog::logger logger_;
};

Log::Log(const LogOptions& options) : options_(options), sink_(std::make_unique<Sink>(options)) {}
Log::~Log() = default;

void Log::write(Level level, std::string_view message, const Field* fields, std::size_t count) {
  if (!enabled(level)) return;
  std::string line;
  if (options_.json) {
    line = "\"message\":" + json::quote(message);
    for (std::size_t i = 0; i < count; ++i) {
      line += ',' + json::quote(fields[i].first) + ':' + json::quote(fields[i].second);
    }
  } else {
    line = one_line(message);
    for (std::size_t i = 0; i < count; ++i) {
      line += ' ';
      line += fields[i].first;
      line += '=';
      append_text_value(line, fields[i].second);
    }
  }
  sink_->write(level, line);
}

void Log::write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  write(level, message, fields.begin(), fields.size());
}

void Log::write(Level level, const Status& status, std::initializer_list<Field> fields) {
  std::vector<Field> all{{"code", code_name(status.code())}};
  if (!status.place().empty()) all.emplace_back("place", status.place().to_string());
  all.insert(all.end(), fields.begin(), fields.end());
  for (const std::string& note : status.notes()) all.emplace_back("note", note);
  write(level, status.message(), all.data(), all.size());
}

}  // namespace observerd::telemetry
