#include "admin/listen_address.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <charconv>

namespace observerd::admin {
namespace {

Status problem(std::string_view text, const std::string& why) {
  return Status::error(Code::Configuration, "admin.listen \"" + std::string(text) + "\": " + why)
      .note("\"127.0.0.1:9810\", \"[::1]:9810\" or \"unix:/run/observerd/admin.sock\"");
}

bool is_ipv4(const std::string& host) {
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

Result<ListenAddress> parse_unix(std::string_view text) {
  ListenAddress address;
  address.is_unix = true;
  address.path = text.substr(5);
  if (address.path.empty() || address.path.front() != '/') {
    return problem(text, "the path of a Unix socket must be absolute");
  }
  if (address.path.size() >= sizeof(sockaddr_un::sun_path)) {
    return problem(text, "the path of a Unix socket has at most " +
                             std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " bytes");
  }
  return address;
}

}  // namespace

bool ListenAddress::is_local() const {
  if (is_unix) return true;
  if (in_addr v4{}; inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == 127;
  }
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

std::string ListenAddress::to_string() const {
  if (is_unix) return "unix:" + path;
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  if (text.starts_with("unix:")) return parse_unix(text);
  ListenAddress address;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return problem(text, "the port is missing");
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || rest != port.data() + port.size()) {
    return problem(text, "the port is no number from 0 to 65535");
  }
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  address.host = host == "localhost" && !brackets ? "127.0.0.1" : std::string(host);
  if (brackets ? is_ipv6(address.host) : is_ipv4(address.host)) return address;
  return problem(text, is_ipv6(address.host) && !brackets
                           ? "an IPv6 address stands in brackets"
                           : "the host is neither an IP address nor \"localhost\"");
}

}  // namespace observerd::admin
