#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/endpoint.hpp"
#include "cache/resp.hpp"

/// Where keys are in a Redis Cluster (https://redis.io/docs/reference/cluster-spec/).
namespace observerd::cache {

inline constexpr int kSlots = 16'384;

/// The slot of a key: CRC16 (XMODEM) of what stands between its first { and the next }, of the
/// whole key where that is nothing.
int slot_of(std::string_view key);

/// "MOVED 3999 10.0.0.5:6381" or "ASK …".
struct Redirection {
  bool is_ask = false;
  int slot = 0;
  Endpoint node;
};
/// nullopt for any other error. A redirection without a host means the node that was asked.
std::optional<Redirection> parse_redirection(std::string_view error, const Endpoint& asked);

/// Which master serves each slot. A value; not thread-safe while changed.
class SlotMap {
 public:
  /// Reads the reply to CLUSTER SLOTS; nullopt when it is none. A node without a host is the one
  /// that was asked.
  static std::optional<SlotMap> parse(const Reply& reply, const Endpoint& asked);

  /// nullptr when nobody serves it.
  const Endpoint* node_of(int slot) const;
  void set(int slot, const Endpoint& node);
  /// Every master, once.
  const std::vector<Endpoint>& nodes() const { return nodes_; }

 private:
  std::uint16_t number_of(const Endpoint& node);

  static constexpr std::uint16_t kNobody = 0xffff;
  std::vector<Endpoint> nodes_;
  std::vector<std::uint16_t> of_slot_ = std::vector<std::uint16_t>(kSlots, kNobody);
};

}  // namespace observerd::cache
