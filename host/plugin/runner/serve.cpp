#include "plugin/runner/serve.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <iostream>
#include <optional>

#include "plugin/library.hpp"
#include "plugin/negotiation.hpp"
#include "plugin/runner/program.hpp"
#include "plugin/runner/sandbox.hpp"
#include "plugin/runner/server.hpp"

// In coverage builds: a runner ends by _exit, which writes no figures.
extern "C" __attribute__((weak)) void __gcov_dump();

namespace observerd::plugin {
namespace {

constexpr int kByHand = 2;
constexpr int kBroken = 3;
constexpr Milliseconds kForEver{-1};

bool is_runner_socket() {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(runner_socket_fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
         type == SOCK_STREAM;
}

/// A runner ends when its host does, or kills it; a service manager that ends the whole group means
/// the host, which first lets deliveries finish.
void ignore_signals() {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2}) {
    ::signal(signal, SIG_IGN);
  }
}

struct Loaded {
  PluginFacts facts;
  std::vector<std::unique_ptr<ActionType>> types;
  std::vector<std::unique_ptr<observerd_action_type>> tables;  ///< what `types` point to
};

Status named(const std::string& path, const Status& status) {
  Status out = Status::error(status.code(), "\"" + path + "\" " + status.message());
  for (const std::string& note : status.notes()) out.note(note);
  return out;
}

/// Loads the library behind the descriptor: the first moment that its code runs.
Result<Loaded> load(const message::Load& request) {
  Candidate candidate;
  candidate.file = Descriptor(runner_library_fd);
  candidate.real_path = request.path;
  if (Status bad = read_candidate(candidate); !bad.ok()) return named(request.path, bad);
  if (!request.sha256.empty() && candidate.sha256 != request.sha256) {
    return Status::error(Code::PluginLoad,
                         "\"" + request.path + "\" has changed since it was checked")
        .note("replace plugins by renaming a new file over the old one, then reload");
  }
  if (!candidate.elf.note) return named(request.path, check_note(candidate.elf.note, HostAbi()));
  const AbiNote note = *candidate.elf.note;
  const Result<Library> library = load_library(std::move(candidate));
  if (!library) return library.status();
  Result<PluginTable> table = read_table(library->table, note);
  if (!table) return named(request.path, table.status());
  Loaded loaded;
  loaded.facts = std::move(table->facts);
  for (std::size_t i = 0; i < table->actions.size(); ++i) {
    loaded.tables.push_back(std::make_unique<observerd_action_type>(table->actions[i]));
    auto type = std::make_unique<ActionType>(describe(loaded.facts.types[i]));
    type->table = loaded.tables.back().get();
    type->setup = library->setup;
    loaded.types.push_back(std::move(type));
  }
  return loaded;
}

/// Greets the host, or says why not. The server lives as long as the process: threads of the plugin
/// may use it until the end.
Server* greet(Channel& channel, const Frame& frame, const Status& confined) {
  const auto request = message::Load::decode(frame.body);
  if (frame.kind != FrameKind::Load || !request) return nullptr;
  Status refused = confined;
  if (refused.ok()) {
    Result<Loaded> loaded = load(*request);
    if (loaded) {
      auto* kept = new Loaded(*std::move(loaded));
      auto* server = new Server(channel, std::move(kept->types));
      channel.send(FrameKind::Greeting, frame.id,
                   message::Greeting{protocol_version, kept->facts}.encode());
      return server;
    }
    refused = loaded.status();
  }
  channel.send(FrameKind::Refusal, frame.id, message::encode_problems({refused}));
  return nullptr;
}

int serve(Channel& channel, const Status& confined) {
  Server* server = nullptr;
  for (bool first = true;;) {
    Channel::Arrived arrived;
    const Status status = channel.wait(kForEver, -1, arrived);
    if (!status.ok()) return 0;  // the host has closed its end
    for (const Frame& frame : arrived.frames) {
      if (first) server = greet(channel, frame, confined);
      first = false;
      // Refused: the host closes.
      if (server != nullptr && frame.kind != FrameKind::Load && !server->handle(frame)) {
        std::cerr << "the host sent a frame that makes no sense: kind "
                  << static_cast<std::uint32_t>(frame.kind) << std::endl;
        return kBroken;
      }
    }
  }
}

}  // namespace

int serve_plugin() {
  if (!is_runner_socket()) {
    std::cerr << "observerd plugin-runner is started by observerd itself, for a plugin with "
                 "\"isolation\": \"process\"; it does nothing when started by hand\n";
    return kByHand;
  }
  ignore_signals();
  const Status confined = enter_sandbox();
  // Never destroyed, as all that plugin threads may touch.
  auto* channel = new Channel(Descriptor(runner_socket_fd), max_body_to_runner);
  const int status = serve(*channel, confined);
  if (__gcov_dump != nullptr) __gcov_dump();
  // No destructors: they would run under the plugin's threads.
  ::_exit(status);
}

}  // namespace observerd::plugin
