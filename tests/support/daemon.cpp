#include "support/daemon.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "base/json.hpp"

namespace observerd::testing {
namespace fs = std::filesystem;
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLook{10};
constexpr std::chrono::seconds kCommandTimeout{120};
constexpr std::chrono::seconds kReadyTimeout{60};
constexpr const char* kBinary = OBSERVERD_BUILD_DIR "/bin/observerd";

std::string read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_file(const fs::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) throw std::runtime_error("cannot write " + file.string());
}

fs::path new_directory() {
  std::string pattern = (fs::temp_directory_path() / "observerd-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  return pattern;
}

postgres::ChildProcess start(std::vector<std::string> arguments, const fs::path& directory,
                             const fs::path& log) {
  postgres::Command command;
  command.arguments = std::move(arguments);
  command.directory = directory;
  command.log = log;
  command.account = {geteuid(), getegid(), false};
  auto process = postgres::ChildProcess::start(command);
  if (!process) throw std::runtime_error(process.status().to_string());
  return std::move(*process);
}

/// The exit code; nullopt when it still runs after the time.
std::optional<int> wait_for(postgres::ChildProcess& process, milliseconds timeout) {
  const auto until = steady_clock::now() + timeout;
  while (process.running()) {
    if (steady_clock::now() > until) return std::nullopt;
    std::this_thread::sleep_for(kLook);
  }
  const int status = process.wait();
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string next_name(const std::string& kind) {
  static std::atomic<int> count{0};
  return kind + "-" + std::to_string(++count);
}

std::vector<std::string> run_arguments(const Installation& installation,
                                       const std::vector<std::string>& options) {
  std::vector<std::string> arguments{kBinary, "run", "--config", installation.config_file()};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return arguments;
}

}  // namespace

Installation::Installation(std::string database_url)
    : database_(std::move(database_url)), directory_(new_directory()) {
  fs::create_directory(directory_ / "conf.d");
  fs::create_directory(directory_ / "plugins");
  write_file(config_file(), R"({"database": {"url": )" + json::quote(database_) + R"(},
  "plugins": {"directories": [)" +
                                json::quote(OBSERVERD_BUILD_DIR "/plugins") + ", " +
                                json::quote((directory_ / "plugins").string()) + R"(],
    "settings": {"webhook": {"allow_http": true, "allow_addresses": ["127.0.0.0/8"]}}}}
)");
  must({"migrate"});
}

Installation::~Installation() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

void Installation::configure(const std::string& json) {
  write_file(directory_ / "conf.d/10-test.json", json);
}

void Installation::add_plugin(const std::string& name) {
  const std::string file = name + ".so";
  fs::copy_file(fs::path(OBSERVERD_BUILD_DIR) / "tests/plugins" / file,
                directory_ / "plugins" / file);
}

CommandResult Installation::cli(const std::vector<std::string>& arguments) const {
  const fs::path out = directory_ / next_name("out");
  const fs::path err = out.string() + ".err";
  std::vector<std::string> words{"/bin/sh", "-c", "exec \"$@\" 2>\"$0\"", err.string(), kBinary};
  words.insert(words.end(), arguments.begin(), arguments.end());
  words.insert(words.end(), {"--config", config_file()});
  postgres::ChildProcess process = start(words, directory_, out);
  const auto exit = wait_for(process, kCommandTimeout);
  if (!exit) {
    process.signal(SIGKILL);
    process.wait();
    throw std::runtime_error("observerd " + arguments.front() + " did not end");
  }
  return {*exit, read_file(out), read_file(err)};
}

std::string Installation::must(const std::vector<std::string>& arguments) const {
  CommandResult result = cli(arguments);
  if (result.exit == 0) return std::move(result.out);
  std::string text = "observerd";
  for (const std::string& argument : arguments) text += " " + argument;
  throw std::runtime_error(text + ": exit code " + std::to_string(result.exit) + "\n" + result.out +
                           result.err);
}

void Installation::capture(const std::string& table, const std::string& entity) {
  must({"capture", "add", table, "--entity", entity});
}

Daemon::Daemon(const Installation& installation, const std::vector<std::string>& options)
    : installation_(installation),
      log_(installation.directory() / next_name("log")),
      process_(start(run_arguments(installation, options), installation.directory(), log_)) {}

Daemon::~Daemon() {
  kill();
}

void Daemon::wait_until_ready() const {
  const auto until = steady_clock::now() + kReadyTimeout;
  while (true) {
    const CommandResult status = installation_.cli({"status"});
    if (status.exit == 0) return;
    if (!running() || steady_clock::now() > until) {
      throw std::runtime_error("observerd does not get ready: " + status.out + status.err +
                               "its log:\n" + log());
    }
    std::this_thread::sleep_for(kLook);
  }
}

std::optional<int> Daemon::wait(milliseconds timeout) {
  return wait_for(process_, timeout);
}

int Daemon::stop(milliseconds timeout) {
  process_.signal(SIGTERM);
  if (const auto exit = wait(timeout)) return *exit;
  kill();
  return 128 + SIGKILL;
}

void Daemon::kill() {
  process_.signal(SIGKILL);
  process_.wait();
}

std::string Daemon::log() const {
  return read_file(log_);
}

}  // namespace observerd::testing
