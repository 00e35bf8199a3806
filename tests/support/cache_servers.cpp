#include "support/cache_servers.hpp"

#include <unistd.h>

#include "support/tcp_client.hpp"

namespace observerd::testing {
namespace {

/// Below the folder of whatever architecture this is.
bool has_xkey() {
  for (const auto& folder : std::filesystem::directory_iterator("/usr/lib")) {
    if (access((folder.path() / "varnish/vmods/libvmod_xkey.so").c_str(), R_OK) == 0) return true;
  }
  return false;
}

}  // namespace

bool MemcachedServer::is_there() {
  return !find_program("memcached").empty();
}

MemcachedServer::MemcachedServer(const std::vector<std::string>& options,
                                 const std::string& login) {
  std::string login_file;
  if (!login.empty()) login_file = folder_.write("login", login + "\n");
  process_ = std::make_unique<ServerProcess>([options, login_file](int port) {
    std::vector<std::string> words = {"memcached", "-l", "127.0.0.1", "-p", std::to_string(port),
                                      "-U",        "0",  "-t",        "2",  "-m",
                                      "64"};
    if (geteuid() == 0) words.insert(words.end(), {"-u", "nobody"});  // it refuses to be root
    if (!login_file.empty()) words.insert(words.end(), {"-Y", login_file});
    words.insert(words.end(), options.begin(), options.end());
    return words;
  });
}

std::string MemcachedServer::ask(const std::string& line) const {
  TcpClient client(port());
  client.send(line + "\r\n");
  std::string answer = client.read_until("\r\n");
  answer.resize(answer.size() - 2);
  return answer;
}

bool VarnishServer::is_there() {
  // It compiles its VCL.
  return !find_program("varnishd").empty() && !find_program("cc").empty() && has_xkey();
}

VarnishServer::VarnishServer(int backend_port, const std::string& more) {
  const std::string vcl =
      folder_.write("test.vcl", "vcl 4.1;\nbackend default { .host = \"127.0.0.1\"; .port = \"" +
                                    std::to_string(backend_port) + "\"; }\n" + more + "include \"" +
                                    OBSERVERD_SOURCE_DIR "/plugins/cache/observerd.vcl\";\n");
  process_ = std::make_unique<ServerProcess>([this, vcl](int port) -> std::vector<std::string> {
    return {
        "varnishd", "-F",        "-j", "none", "-a", "127.0.0.1:" + std::to_string(port),
        "-T",       "none",      "-f", vcl,    "-n", folder_.file("work" + std::to_string(port)),
        "-s",       "malloc,16m"};
  });
}

std::string VarnishServer::get(const std::string& host, const std::string& path) const {
  TcpClient client(port());
  client.send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  client.read_until("\r\n\r\n");
  return client.read_rest();
}

}  // namespace observerd::testing
