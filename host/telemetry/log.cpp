#include "telemetry/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "telemetry/log_line.hpp"

namespace observerd::telemetry {
namespace {

struct LevelWords {
  std::string_view name;
  spdlog::level::level_enum spdlog;
  const char* journal;  ///< sd-daemon(3): SD_ERR and so on
};

constexpr LevelWords kLevels[] = {{"trace", spdlog::level::trace, "<7>"},
                                  {"debug", spdlog::level::debug, "<7>"},
                                  {"info", spdlog::level::info, "<6>"},
                                  {"warn", spdlog::level::warn, "<4>"},
                                  {"error", spdlog::level::err, "<3>"}};

const LevelWords& words(Level level) {
  return kLevels[static_cast<std::size_t>(level)];
}

// RFC 3339 with milliseconds and the offset of the machine's zone.
constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%e%z %l %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})";

}  // namespace

bool parse_level(std::string_view name, Level& out) {
  for (std::size_t i = 0; i < std::size(kLevels); ++i) {
    if (kLevels[i].name == name) {
      out = static_cast<Level>(i);
      return true;
    }
  }
  return false;
}

bool stderr_is_journal(const std::string& journal_stream) {
  struct stat status {};
  return fstat(STDERR_FILENO, &status) == 0 &&
         journal_stream == std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino);
}

class Log::Sink {
 public:
  explicit Sink(const LogOptions& options)
      : logger_("observerd", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger_.set_level(spdlog::level::trace);
    logger_.flush_on(spdlog::level::trace);
    logger_.set_pattern(options.json ? kJsonPattern : options.journal ? "%v" : kTextPattern);
  }
  void write(Level level, const std::string& line) {
    // As an argument, never as the format: a line may hold braces.
    logger_.log(words(level).spdlog, "{}", line);
  }

 private:
  spdlog::logger logger_;
};

Log::Log(const LogOptions& options) : options_(options), sink_(std::make_unique<Sink>(options)) {}
Log::~Log() = default;

void Log::set_mask(Mask mask) {
  auto shared = mask ? std::make_shared<const Mask>(std::move(mask)) : nullptr;
  const std::lock_guard lock(mask_mutex_);
  mask_ = std::move(shared);
}

std::shared_ptr<const Log::Mask> Log::mask() const {
  const std::lock_guard lock(mask_mutex_);
  return mask_;
}

void Log::write(Level level, std::string_view message, const Field* fields, std::size_t count) {
  if (!enabled(level)) return;
  std::vector<Field> shown;
  std::copy_if(fields, fields + count, std::back_inserter(shown),
               [](const Field& field) { return !field.second.empty(); });
  std::string text(message);
  if (const auto mask = this->mask()) {
    text = (*mask)(std::move(text));
    for (Field& field : shown) field.second = (*mask)(std::move(field.second));
  }
  if (options_.json) {
    sink_->write(level, json_members(text, shown));
    return;
  }
  std::string line = options_.journal ? words(level).journal : "";
  sink_->write(level, line += text_line(text, shown));
}

void Log::write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  write(level, message, fields.begin(), fields.size());
}

void Log::write(Level level, const Status& status, std::initializer_list<Field> fields) {
  write(level, status, fields.begin(), fields.size());
}

void Log::write(Level level, const Status& status, const Field* fields, std::size_t count) {
  std::vector<Field> all{{"code", code_name(status.code())}};
  if (!status.place().empty()) all.emplace_back("place", status.place().to_string());
  all.insert(all.end(), fields, fields + count);
  std::string notes;
  for (const std::string& note : status.notes()) notes += (notes.empty() ? "" : "\n") + note;
  if (!notes.empty()) all.emplace_back("note", std::move(notes));
  write(level, status.message(), all.data(), all.size());
}

}  // namespace observerd::telemetry
