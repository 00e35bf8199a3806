#include "common/address_policy.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/strings.hpp"

namespace observerd::common {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

struct Address {
  bool is_v4 = false;
  Bytes bytes{};
};

struct RefusedBlock {
  const char* block;
  const char* reason;
};

// The IANA special-purpose registries (RFC 6890 and updates), less what is globally reachable.
constexpr RefusedBlock kRefused[] = {
    {"0.0.0.0/8", "this network"},
    {"10.0.0.0/8", "private"},
    {"100.64.0.0/10", "carrier-grade NAT"},
    {"127.0.0.0/8", "loopback"},
    {"168.63.129.16/32", "cloud metadata"},  // Azure's platform address, in a public range
    {"169.254.0.0/16", "link-local"},        // 169.254.169.254: metadata of most clouds
    {"172.16.0.0/12", "private"},
    {"192.0.0.0/24", "protocol assignments"},
    {"192.0.2.0/24", "documentation"},
    {"192.88.99.0/24", "6to4 relay"},
    {"192.168.0.0/16", "private"},
    {"198.18.0.0/15", "benchmarking"},
    {"198.51.100.0/24", "documentation"},
    {"203.0.113.0/24", "documentation"},
    {"224.0.0.0/4", "multicast"},
    {"240.0.0.0/4", "reserved"},  // with 255.255.255.255
    {"::1/128", "loopback"},
    {"::/96", "IPv4-compatible"},  // with the unspecified address
    {"64:ff9b::/96", "NAT64"},
    {"64:ff9b:1::/48", "NAT64"},
    {"100::/64", "discard only"},
    {"2001::/23", "protocol assignments"},  // Teredo, ORCHID, benchmarking
    {"2001:db8::/32", "documentation"},
    {"2002::/16", "6to4"},
    {"3fff::/20", "documentation"},
    {"5f00::/16", "segment routing"},
    {"fc00::/7", "private"},
    {"fe80::/10", "link-local"},
    {"fec0::/10", "site-local"},
    {"ff00::/8", "multicast"},
    {"::ffff:0:0:0/96", "IPv4-translated"},
    // Everything outside 2000::/3, the one block that global unicast addresses are given from.
    {"::/3", "reserved"},
    {"4000::/2", "reserved"},
    {"8000::/1", "reserved"},
};

struct ParsedBlock {
  Cidr block;
  const char* reason;
};

const std::vector<ParsedBlock>& refused_blocks() {
  static const std::vector<ParsedBlock> blocks = [] {
    std::vector<ParsedBlock> parsed;
    for (const auto& refused : kRefused) {
      parsed.push_back({Cidr::parse(refused.block).value(), refused.reason});
    }
    return parsed;
  }();
  return blocks;
}

bool is_v4_mapped(const Bytes& bytes) {  // ::ffff:0:0/96, RFC 4291 section 2.5.5.2
  return std::all_of(bytes.begin(), bytes.begin() + 10, [](auto b) { return b == 0; }) &&
         bytes[10] == 0xff && bytes[11] == 0xff;
}

void unmap(Address& address) {
  if (address.is_v4 || !is_v4_mapped(address.bytes)) return;
  std::copy(address.bytes.begin() + 12, address.bytes.end(), address.bytes.begin());
  std::fill(address.bytes.begin() + 4, address.bytes.end(), std::uint8_t{0});
  address.is_v4 = true;
}

bool from_sockaddr(const sockaddr* from, Address& to) {
  if (from->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, from, sizeof v4);
    to.is_v4 = true;
    std::memcpy(to.bytes.data(), &v4.sin_addr, 4);
    return true;
  }
  if (from->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, from, sizeof v6);
    std::memcpy(to.bytes.data(), &v6.sin6_addr, 16);
    unmap(to);
    return true;
  }
  return false;
}

// Asked anew for each dial: addresses come and go (DHCP, failover), and a dial is rare because
// connections are kept. When the kernel does not answer, the address counts as ours.
bool is_own_address(const Address& address) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return true;
  bool own = false;
  for (const ifaddrs* entry = list; entry != nullptr && !own; entry = entry->ifa_next) {
    Address mine;
    if (entry->ifa_addr == nullptr || !from_sockaddr(entry->ifa_addr, mine)) continue;
    own = mine.is_v4 == address.is_v4 && mine.bytes == address.bytes;
  }
  freeifaddrs(list);
  return own;
}

}  // namespace

Result<Cidr> Cidr::parse(std::string_view text) {
  const auto wrong = [&] {
    return Status::error(Code::ActionSettings,
                         "\"" + std::string(text) + "\" is no address block such as 10.0.0.0/8");
  };
  const std::size_t slash = text.find('/');
  const std::string host(text.substr(0, slash));
  Address address;
  if (inet_pton(AF_INET, host.c_str(), address.bytes.data()) == 1) {
    address.is_v4 = true;
  } else if (inet_pton(AF_INET6, host.c_str(), address.bytes.data()) != 1) {
    return wrong();
  }
  int prefix = address.is_v4 ? 32 : 128;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const int most = prefix;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (error != std::errc() || end != digits.data() + digits.size() || prefix < 0 ||
        prefix > most) {
      return wrong();
    }
  }
  if (!address.is_v4 && is_v4_mapped(address.bytes) && prefix >= 96) {
    unmap(address);  // compared with unmapped addresses
    prefix -= 96;
  }
  Cidr cidr;
  cidr.is_v4_ = address.is_v4;
  cidr.prefix_ = prefix;
  cidr.bytes_ = address.bytes;
  return cidr;
}

bool Cidr::contains(bool is_v4, const Bytes& bytes) const {
  if (is_v4 != is_v4_) return false;
  const auto whole = static_cast<std::size_t>(prefix_ / 8);
  if (!std::equal(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(whole),
                  bytes.begin())) {
    return false;
  }
  const int rest = prefix_ % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return (bytes_[whole] & mask) == (bytes[whole] & mask);
}

std::string_view AddressPolicy::refusal(const sockaddr* address) const {
  Address peer;
  if (!from_sockaddr(address, peer)) return "no internet address";
  for (const auto& block : allowed_) {
    if (block.contains(peer.is_v4, peer.bytes)) return {};
  }
  for (const auto& refused : refused_blocks()) {
    if (refused.block.contains(peer.is_v4, peer.bytes)) return refused.reason;
  }
  if (is_own_address(peer)) return "this machine";
  return {};
}

std::string_view AddressPolicy::refusal_of_name(const std::string& host) const {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  std::string name = ascii_lower(host);
  while (!name.empty() && name.back() == '.') name.pop_back();
  if (name == "localhost" || name.ends_with(".localhost")) {  // RFC 6761 section 6.3
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  } else if (inet_pton(AF_INET6, name.c_str(), &v6.sin6_addr) == 1) {
    return refusal(reinterpret_cast<const sockaddr*>(&v6));
  } else if (inet_aton(name.c_str(), &v4.sin_addr) == 0) {
    return {};
  }
  return refusal(reinterpret_cast<const sockaddr*>(&v4));
}

std::string address_text(const sockaddr* address) {
  Address parsed;
  if (!from_sockaddr(address, parsed)) return "?";
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(parsed.is_v4 ? AF_INET : AF_INET6, parsed.bytes.data(), text, sizeof text);
  return text;
}

}  // namespace observerd::common
