#include "support/proxy_server.hpp"

namespace observerd::testing {
namespace {

// openssl passwd -apr1 "p@ss word"
constexpr const char* kLogin = "user:$apr1$RA34Lk.B$.Dy/am7hovwbPO1bx.jzj.\n";

std::string configuration(const TestFolder& folder, const std::string& rules, int port) {
  return "http_port 127.0.0.1:" + std::to_string(port) +
         "\n"
         "pid_filename none\n"
         "cache deny all\n"
         "cache_log /dev/null\n"
         "access_log none\n"
         "netdb_filename none\n"
         "coredump_dir none\n"
         "shutdown_lifetime 0 seconds\n"
         "hosts_file " +
         folder.write("hosts", std::string("127.0.0.1 ") + SquidProxy::kName + "\n") +
         "\n"
         "auth_param basic program /usr/lib/squid/basic_ncsa_auth " +
         folder.write("passwords", kLogin) +
         "\n"
         "auth_param basic realm observerd\n" +
         rules +
         "\n"
         "acl known proxy_auth REQUIRED\n"
         "http_access allow known\n"
         "http_access deny all\n";
}

}  // namespace

bool SquidProxy::is_there() {
  return !find_program("squid").empty();
}

SquidProxy::SquidProxy(const std::string& rules)
    : process_([&](int port) -> std::vector<std::string> {
        return {"squid", "-N", "-f",
                folder_.write("squid.conf", configuration(folder_, rules, port))};
      }) {}

std::string SquidProxy::url(const std::string& login) const {
  return "http://" + login + "127.0.0.1:" + std::to_string(process_.port());
}

}  // namespace observerd::testing
