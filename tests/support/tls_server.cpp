#include "support/tls_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace observerd::testing {
namespace {

pid_t spawn(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t process = -1;
  const int error =
      posix_spawnp(&process, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot run " + words[0]);
  return process;
}

void run(const std::vector<std::string>& words) {
  const pid_t process = spawn(words);
  int status = 0;
  if (waitpid(process, &status, 0) != process || status != 0) {
    throw std::runtime_error(words[0] + " " + words[1] + " failed");
  }
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

int free_port() {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  close(socket);
  return ntohs(address.sin_port);
}

bool can_connect(int port) {
  const sockaddr_in address = loopback(port);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool is_connected =
      connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(socket);
  return is_connected;
}

}  // namespace

TestAuthority::TestAuthority() {
  std::string pattern = (std::filesystem::temp_directory_path() / "observerd-tls-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
  run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
       "-nodes", "-keyout", (folder_ / "ca.key").string(), "-out", ca_file(), "-days", "2", "-subj",
       "/CN=observerd test authority"});
}

TestAuthority::~TestAuthority() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void TestAuthority::issue(const std::string& name, const std::string& alternative_names) {
  const auto file = [&](const char* suffix) { return (folder_ / (name + suffix)).string(); };
  run({"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
       "-keyout", file(".key"), "-out", file(".csr"), "-subj", "/CN=" + name});
  std::ofstream(file(".ext")) << "subjectAltName=" << alternative_names << "\n";
  run({"openssl", "x509", "-req", "-in", file(".csr"), "-CA", ca_file(), "-CAkey",
       (folder_ / "ca.key").string(), "-CAcreateserial", "-days", "2", "-extfile", file(".ext"),
       "-out", file(".pem")});
}

Http2Server::Http2Server(const TestAuthority& authority, const std::string& name,
                         const std::vector<std::string>& options) {
  const std::string base = (authority.folder() / name).string();
  // Another process may take the port between finding and using it: then once more.
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = free_port();
    std::vector<std::string> words = {"nghttpd", "--address=127.0.0.1",
                                      "--htdocs=" + authority.folder().string()};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {std::to_string(port_), base + ".key", base + ".pem"});
    process_ = spawn(words);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < end && waitpid(process_, nullptr, WNOHANG) == 0) {
      if (can_connect(port_)) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  throw std::runtime_error("nghttpd does not come up");
}

Http2Server::~Http2Server() {
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

std::string Http2Server::url(const std::string& path) const {
  return "https://127.0.0.1:" + std::to_string(port_) + path;
}

}  // namespace observerd::testing
