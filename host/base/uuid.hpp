#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace observerd {

/// A 128-bit identifier (RFC 4122). A plain value.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// Lower-case canonical form, 36 characters.
  std::string to_string() const;
  /// Accepts the canonical form in either case; nothing else.
  static std::optional<Uuid> parse(std::string_view text);
  /// Name-based, SHA-1 (RFC 4122 section 4.3): the same inputs give the same id for ever.
  static Uuid v5(const Uuid& space, std::string_view name);
  static Uuid random();

  bool is_nil() const { return *this == Uuid{}; }
  auto operator<=>(const Uuid&) const = default;
};

}  // namespace observerd

template <>
struct std::hash<observerd::Uuid> {
  std::size_t operator()(const observerd::Uuid& id) const noexcept {
    std::size_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value = (value << 8) | id.bytes[i];
    return value;
  }
};
