#include "support/postfix_server.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "base/strings.hpp"
#include "support/eventually.hpp"

namespace observerd::testing {
namespace fs = std::filesystem;
namespace {

std::string main_cf(const std::string& folder, const std::string& certificate,
                    const std::string& key, int next_port) {
  return "compatibility_level = 3.6\n"
         "queue_directory = " +
         folder +
         "/queue\n"
         "data_directory = " +
         folder +
         "/data\n"
         "maillog_file = " +
         folder +
         "/log\n"
         "maillog_file_prefixes = " +
         folder +
         "\n"
         "inet_interfaces = 127.0.0.1\n"
         "inet_protocols = ipv4\n"
         "myhostname = mx.example.test\n"
         "mydomain = example.test\n"
         "mydestination =\n"
         "mynetworks = 127.0.0.0/8\n"
         "alias_maps =\n"
         "alias_database =\n"
         "local_transport = error:none\n"
         "default_transport = smtp:[127.0.0.1]:" +
         std::to_string(next_port) +
         "\n"
         "disable_dns_lookups = yes\n"
         "smtpd_peername_lookup = no\n"
         "smtputf8_enable = yes\n"
         "message_size_limit = 100000\n"
         "smtpd_forbid_bare_newline = yes\n"
         "smtpd_recipient_restrictions = check_recipient_access inline:{"
         " {busy@example.org = 450 4.2.0 busy}, {no@example.org = 550 5.1.1 no such user} },"
         " permit_mynetworks, reject\n"
         "smtpd_tls_security_level = may\n"
         "smtpd_tls_loglevel = 1\n"
         "smtpd_tls_cert_file = " +
         certificate +
         "\n"
         "smtpd_tls_key_file = " +
         key + "\n";
}

/// Only what is needed to take mail and to pass it on; nothing in a chroot.
std::string master_cf(int port) {
  std::string text = "127.0.0.1:" + std::to_string(port) +
                     " inet n - n - - smtpd\n"
                     "postlog unix-dgram n - n - 1 postlogd\n"
                     "qmgr unix n - n 300 1 qmgr\n"
                     "cleanup unix n - n - 0 cleanup\n"
                     "rewrite unix - - n - - trivial-rewrite\n"
                     "tlsmgr unix - - n 1000? 1 tlsmgr\n"
                     "anvil unix - - n - 1 anvil\n"
                     "scache unix - - n - 1 scache\n"
                     "proxymap unix - - n - - proxymap\n"
                     "smtp unix - - n - - smtp\n"
                     "retry unix - - n - - error\n"
                     "error unix - - n - - error\n";
  for (const char* name : {"bounce", "defer", "trace"}) {
    text += std::string(name) + " unix - - n - 0 bounce\n";
  }
  return text;
}

/// The directories of a queue, as the command postfix makes them.
void make_queue(const TestFolder& folder) {
  const passwd* const account = getpwnam("postfix");
  const group* const drop = getgrnam("postdrop");
  if (account == nullptr || drop == nullptr) throw std::runtime_error("no account postfix");
  const auto make = [&](const std::string& name, gid_t group, mode_t mode) {
    const std::string path = folder.file(name);
    fs::create_directories(path);
    if (chown(path.c_str(), account->pw_uid, group) != 0 || chmod(path.c_str(), mode) != 0) {
      throw std::runtime_error("cannot give " + path + " to postfix");
    }
  };
  fs::create_directories(folder.path() / "queue" / "pid");
  make("data", account->pw_gid, 0700);
  make("queue/public", drop->gr_gid, 0710);
  make("queue/maildrop", drop->gr_gid, 0730);
  for (const char* name : {"active", "bounce", "corrupt", "defer", "deferred", "flush", "hold",
                           "incoming", "private", "saved", "trace"}) {
    make(std::string("queue/") + name, account->pw_gid, 0700);
  }
}

}  // namespace

std::string PostfixServer::missing() {
  if (find_program("postfix").empty()) return "NO POSTFIX";
  return geteuid() == 0 ? "" : "NOT ROOT, which Postfix insists on";
}

PostfixServer::PostfixServer(const TestAuthority& authority, const std::string& name, int next_port)
    : process_([&folder = folder_, certificate = authority.certificate(name),
                key = authority.key(name), next_port](int port) -> std::vector<std::string> {
        make_queue(folder);
        folder.write("main.cf", main_cf(folder.path().string(), certificate, key, next_port));
        folder.write("master.cf", master_cf(port));
        // Not the command postfix: what it checks and makes takes seconds.
        const std::string daemons = run_program({"postconf", "-h", "daemon_directory"});
        return {std::string(trim(daemons)) + "/master", "-d", "-c", folder.path().string()};
      }) {}

// Not SIGKILL: its children would go on taking connections, without those that they need.
void PostfixServer::stop() const {
  int pid = 0;
  std::ifstream(folder_.file("queue/pid/master.pid")) >> pid;
  if (pid <= 0 || kill(pid, SIGTERM) != 0) return;
  [[maybe_unused]] const bool is_gone = eventually([&] { return kill(pid, 0) != 0; });
}

void PostfixServer::restart() {
  stop();
  process_.restart();
}

std::string PostfixServer::log() const {
  std::ifstream stream(folder_.file("log"), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace observerd::testing
