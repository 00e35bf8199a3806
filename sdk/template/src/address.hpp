#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>

/// Where to connect to.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

/// "192.0.2.7:7000" or "[2001:db8::7]:7000"; nullopt for everything else. Numbers only: looking up
/// a name can take longer than a delivery may, and cannot be interrupted.
std::optional<Address> parse_address(const std::string& text);
