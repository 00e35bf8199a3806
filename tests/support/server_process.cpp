#include "support/server_process.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "support/loopback.hpp"

namespace observerd::testing {
namespace fs = std::filesystem;
namespace {

bool can_connect(int port) {
  const sockaddr_in address = loopback(port);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool is_connected =
      connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(socket);
  return is_connected;
}

std::string read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

postgres::Command command(std::vector<std::string> words, const TestFolder& folder) {
  const std::string program = find_program(words.front());
  if (program.empty()) throw std::runtime_error("there is no program " + words.front());
  postgres::Command command;
  words.front() = program;
  command.arguments = std::move(words);
  command.directory = folder.path();
  command.log = folder.path() / "output";
  command.account = {geteuid(), getegid(), false};
  return command;
}

}  // namespace

TestFolder::TestFolder() {
  std::string pattern = (fs::temp_directory_path() / "observerd-server-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
  fs::permissions(path_,
                  fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read |
                      fs::perms::others_exec,
                  fs::perm_options::add);
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TestFolder::write(const std::string& name, const std::string& text) const {
  std::ofstream stream(path_ / name, std::ios::binary);
  stream << text;
  if (!stream.flush()) throw std::runtime_error("cannot write " + file(name));
  return file(name);
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* const path = std::getenv("PATH");
  std::istringstream directories(std::string(path == nullptr ? "" : path) + ":/usr/sbin:/sbin");
  for (std::string directory; std::getline(directories, directory, ':');) {
    const std::string file = directory + "/" + name;
    if (access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

std::string run_program(const std::vector<std::string>& words) {
  const TestFolder folder;
  const Status status = postgres::run_program(command(words, folder));
  std::string output = read_file(folder.path() / "output");
  if (!status.ok()) throw std::runtime_error(status.to_string() + "\n" + output);
  return output;
}

ServerProcess::ServerProcess(CommandLine command_line) : command_line_(std::move(command_line)) {
  // Another process may take the port between finding and using it: then once more.
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = free_port();
    if (start()) return;
  }
  throw std::runtime_error("the server does not come up:\n" + output());
}

ServerProcess::~ServerProcess() {
  kill();
}

void ServerProcess::restart() {
  kill();
  if (!start()) throw std::runtime_error("the server does not come up again:\n" + output());
}

bool ServerProcess::start() {
  auto started = postgres::ChildProcess::start(command(command_line_(port_), folder_));
  if (!started) throw std::runtime_error(started.status().to_string());
  process_.emplace(std::move(*started));
  if (comes_up()) return true;
  kill();
  return false;
}

bool ServerProcess::comes_up() {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (process_->running() && std::chrono::steady_clock::now() < until) {
    if (can_connect(port_)) return process_->running();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

void ServerProcess::kill() {
  if (!process_) return;
  process_->signal(SIGKILL);
  process_->wait();
  process_.reset();
}

std::string ServerProcess::output() const {
  return read_file(folder_.path() / "output");
}

}  // namespace observerd::testing
