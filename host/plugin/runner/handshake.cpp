#include "plugin/runner/handshake.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <utility>

#include "observerd/plugin.h"
#include "plugin/runner/messages.hpp"
#include "plugin/text.hpp"

namespace observerd::plugin {
namespace {

constexpr Milliseconds kLook{100};
constexpr std::size_t max_shown_output = 1024;

/// What it has written so far, as much as one read gives: its last words.
std::string last_words(const RunnerProcess& process) {
  std::array<char, 4096> bytes{};
  const ssize_t got = ::read(process.output(), bytes.data(), bytes.size());
  if (got <= 0) return {};
  std::string text = clean_text({bytes.data(), static_cast<std::uint64_t>(got)}, max_shown_output);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

Status failed(RunnerProcess& process, const RunnerProgram& program, const std::string& what) {
  process.kill();
  Status status =
      Status::error(Code::PluginLoad, "\"" + program.path + "\" cannot be loaded: " + what);
  if (const std::string words = last_words(process); !words.empty()) {
    status.note("the process wrote: " + words);
  }
  return status;
}

Result<PluginFacts> take_greeting(RunnerProcess& process, const RunnerProgram& program,
                                  const Frame& frame) {
  if (frame.kind == FrameKind::Refusal) {
    const auto problems = message::decode_problems(frame.body);
    process.channel().hang_up();  // which ends it
    if (problems && problems->size() == 1) return problems->front();
  }
  const auto greeting =
      frame.kind == FrameKind::Greeting ? message::Greeting::decode(frame.body) : std::nullopt;
  if (!greeting) return failed(process, program, "its process sent something that is no greeting");
  if (greeting->version != protocol_version) {
    return failed(process, program,
                  "its process speaks protocol " + std::to_string(greeting->version) +
                      " and this host " + std::to_string(protocol_version) +
                      ": the program was replaced; restart observerd");
  }
  if (Status bad = check_facts(greeting->facts); !bad.ok()) {
    process.kill();
    Status named = Status::error(bad.code(), "\"" + program.path + "\" " + bad.message());
    for (const std::string& note : bad.notes()) named.note(note);
    return named.at(bad.place());
  }
  return greeting->facts;
}

}  // namespace

Result<PluginFacts> shake_hands(RunnerProcess& process, const RunnerProgram& program) {
  const SteadyTime until = std::chrono::steady_clock::now() + load_limit;
  process.channel().send(FrameKind::Load, 0, message::Load{program.path, program.sha256}.encode());
  while (std::chrono::steady_clock::now() < until) {
    Channel::Arrived arrived;
    const Status status = process.channel().wait(kLook, -1, arrived);
    if (!status.ok()) {
      return failed(process, program, "its process " + process.end() + " while it was loaded");
    }
    if (arrived.frames.empty()) continue;
    return take_greeting(process, program, arrived.frames.front());
  }
  return failed(process, program,
                "it did not come up within " + std::to_string(load_limit.count() / 1000) + " s");
}

Result<PluginFacts> describe_library(const RunnerProgram& program) {
  auto process = RunnerProcess::start(program);
  if (!process) return process.status();
  Result<PluginFacts> facts = shake_hands(**process, program);
  (*process)->channel().hang_up();
  return facts;
}

}  // namespace observerd::plugin
