#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.hpp"

namespace observerd::telemetry {

enum class Level : unsigned char { Trace, Debug, Info, Warn, Error };
/// "trace" … "error"; false when the name is unknown.
bool parse_level(std::string_view name, Level& out);

struct LogOptions {
  Level level = Level::Info;
  bool json = false;  ///< one JSON object a line instead of text
};

/// The daemon's log, one line an entry, on standard error (where systemd's journal and containers
/// expect it). Thread-safe.
class Log {
 public:
  using Field = std::pair<std::string_view, std::string>;

  explicit Log(const LogOptions& options);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool enabled(Level level) const { return level >= options_.level; }
  /// `message` is constant text; what varies goes into fields, so that lines can be searched.
  void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});
  void write(Level level, std::string_view message, const Field* fields, std::size_t count);
  /// A problem with its code, place and notes.
  void write(Level level, const Status& status, std::initializer_list<Field> fields = {});

 private:
  class Sink;
  LogOptions options_;
  std::unique_ptr<Sink> sink_;
};

}  // namespace observerd::telemetry
