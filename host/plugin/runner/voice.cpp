#include "plugin/runner/voice.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "plugin/runner/messages.hpp"
#include "plugin/text.hpp"

namespace observerd::plugin {
namespace {

constexpr double lines_per_second = 200, most_lines = 2000;
constexpr double samples_per_second = 20'000, most_samples = 100'000;
/// Beyond this nobody measures or logs.
constexpr double frames_per_second = 200'000, most_frames = 1'000'000;
constexpr std::size_t output_bytes_per_second = std::size_t{256} << 10;
constexpr std::size_t max_line_bytes = 1024;

std::vector<observerd_field> fields_of(const message::Said& said) {
  std::vector<observerd_field> fields;
  fields.reserve(said.fields.size());
  for (const auto& [key, value] : said.fields) fields.push_back({to_str(key), to_str(value)});
  return fields;
}

}  // namespace

Voice::Voice(HostTable& host)
    : host_(host),
      lines_(lines_per_second, most_lines),
      samples_(samples_per_second, most_samples),
      frames_(frames_per_second, most_frames) {}

bool Voice::admit_line(SteadyTime now) {
  if (!lines_.admit(now)) return false;
  if (const std::uint64_t dropped = lines_.take_refused(); dropped > 0) {
    host_.say(OBSERVERD_LOG_WARN,
              code_name(Code::PluginMisbehaved) + " the plugin's process logs too much",
              {{"dropped_lines", std::to_string(dropped)}});
  }
  return true;
}

bool Voice::take(const Frame& frame, SteadyTime now) {
  if (!frames_.admit(now)) return false;
  const auto said = message::Said::decode(frame.body);
  if (!said) return false;
  const std::vector<observerd_field> fields = fields_of(*said);
  const auto count = static_cast<std::uint32_t>(fields.size());
  const observerd_host* host = host_.raw();
  if (frame.kind == FrameKind::Metric) {
    if (samples_.admit(now)) {
      host->metric(host, said->number, to_str(said->text), said->value, fields.data(), count);
    }
  } else if (host->log_enabled(host, said->number) != 0 && admit_line(now)) {
    host->log(host, said->number, to_str(said->text), fields.data(), count);
  }
  return true;
}

bool Voice::wants_output(SteadyTime now) {
  if (now - output_since_ >= std::chrono::seconds(1)) {
    output_since_ = now;
    output_bytes_ = 0;
  }
  return output_bytes_ < output_bytes_per_second;
}

void Voice::take_line(std::string line, SteadyTime now) {
  if (line.empty() || !admit_line(now)) return;
  const std::string text = clean_text(to_str(line), max_line_bytes);
  host_.say(OBSERVERD_LOG_WARN, "the plugin's process wrote to its output", {{"text", text}});
}

bool Voice::take_output(int output, SteadyTime now) {
  std::array<char, 4096> bytes{};
  const ssize_t got = ::read(output, bytes.data(), bytes.size());
  if (got <= 0) return got < 0;  // nothing there now; or its end
  output_bytes_ += static_cast<std::size_t>(got);
  for (const char c : std::string_view(bytes.data(), static_cast<std::size_t>(got))) {
    if (c != '\n' && line_.size() < max_line_bytes) {
      line_ += c;
      continue;
    }
    take_line(std::exchange(line_, c == '\n' ? std::string() : std::string(1, c)), now);
  }
  return true;
}

}  // namespace observerd::plugin
