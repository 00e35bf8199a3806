#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
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
  /// In text: "<6>" in front instead of time and level (sd-daemon(3)). The journal has a time of
  /// its own.
  bool journal = false;
};

/// True when standard error is what $JOURNAL_STREAM ("DEVICE:INODE", systemd.exec(5)) names, so
/// that the journal reads it. `journal_stream` is the variable's value, "" when it is not set.
bool stderr_is_journal(const std::string& journal_stream);

/// The daemon's log, one line an entry, on standard error (where systemd's journal and containers
/// expect it). Thread-safe.
class Log {
 public:
  using Field = std::pair<std::string_view, std::string>;
  /// Takes secrets out of a text.
  using Mask = std::function<std::string(std::string)>;

  explicit Log(const LogOptions& options);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// From now on every message and every value goes through it, whoever wrote it: the one place
  /// that keeps secrets out of the log. Replaces the one before; may be empty.
  void set_mask(Mask mask);

  bool enabled(Level level) const { return level >= options_.level; }
  /// `message` is constant text; what varies goes into fields, so that lines can be searched. A
  /// field without a value is left out.
  void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});
  void write(Level level, std::string_view message, const Field* fields, std::size_t count);
  /// A problem with its code, place and notes.
  void write(Level level, const Status& status, std::initializer_list<Field> fields = {});
  void write(Level level, const Status& status, const Field* fields, std::size_t count);

 private:
  class Sink;
  std::shared_ptr<const Mask> mask() const;

  LogOptions options_;
  mutable std::mutex mask_mutex_;
  std::shared_ptr<const Mask> mask_;
  std::unique_ptr<Sink> sink_;
};

}  // namespace observerd::telemetry
