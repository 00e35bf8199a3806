#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"

namespace observerd::common {

/// A block of addresses, "10.0.0.0/8", "fd00::/8", or one address without a prefix length.
class Cidr {
 public:
  /// The error is OB005 and names the text.
  static Result<Cidr> parse(std::string_view text);
  bool contains(bool is_v4, const std::array<std::uint8_t, 16>& bytes) const;

 private:
  bool is_v4_ = false;
  int prefix_ = 0;
  std::array<std::uint8_t, 16> bytes_{};
};

/// Decides which peers may be dialled. It judges the address of the socket that is about to be
/// connected, never a name or the text of a URL: a name that resolves differently the second time
/// (DNS rebinding), "2130706433" or "0x7f.1" gain nothing.
///
/// Refused: everything that is not a public unicast address (RFC 6890 registries and their later
/// additions), IPv6 forms that carry an IPv4 address past such a check (mapped ones are judged as
/// the IPv4 address they are; compatible, NAT64, 6to4 and Teredo ones are refused), the cloud
/// metadata addresses that lie in public space, and the addresses of this machine itself.
///
/// Immutable after construction; thread-safe.
class AddressPolicy {
 public:
  AddressPolicy() = default;
  /// `allowed` is what may be dialled although it would be refused.
  explicit AddressPolicy(std::vector<Cidr> allowed) : allowed_(std::move(allowed)) {}

  /// "" when the address may be dialled, otherwise why not ("loopback"). Anything but IPv4 and
  /// IPv6 is refused.
  std::string_view refusal(const sockaddr* address) const;
  /// The same for a host that a proxy is to resolve, as far as its text says: an address in any
  /// form that resolvers take ("0x7f.1"), and localhost. Of other names only the proxy can know.
  std::string_view refusal_of_name(const std::string& host) const;

 private:
  std::vector<Cidr> allowed_;
};

/// "192.0.2.1" or "2001:db8::1"; "?" for another family.
std::string address_text(const sockaddr* address);

}  // namespace observerd::common
