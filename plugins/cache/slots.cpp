#include "cache/slots.hpp"

#include <algorithm>
#include <charconv>

#include "base/strings.hpp"

namespace observerd::cache {
namespace {

constexpr std::array<std::uint16_t, 256> make_crc_table() {
  std::array<std::uint16_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    unsigned crc = byte << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000u) != 0 ? (crc << 1) ^ 0x1021u : crc << 1;
    table[byte] = static_cast<std::uint16_t>(crc);
  }
  return table;
}

std::uint16_t crc16(std::string_view bytes) {
  static constexpr auto kTable = make_crc_table();
  unsigned crc = 0;
  for (const char c : bytes) {
    crc = (crc << 8) ^ kTable[((crc >> 8) ^ static_cast<unsigned char>(c)) & 0xff];
  }
  return static_cast<std::uint16_t>(crc);
}

std::optional<int> parse_slot(std::string_view digits) {
  int slot = 0;
  const char* const end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, slot);
  if (error != std::errc() || at != end || slot < 0 || slot >= kSlots) return std::nullopt;
  return slot;
}

bool is_slot(const Reply& reply) {
  return reply.type == Reply::Type::Integer && reply.number >= 0 && reply.number < kSlots;
}

/// The master of one range of CLUSTER SLOTS: [first, last, [host, port, id, …], replicas…].
std::optional<Endpoint> master_of(const Reply& range, const Endpoint& asked) {
  if (range.items.size() < 3 || !is_slot(range.items[0]) || !is_slot(range.items[1])) {
    return std::nullopt;
  }
  const std::vector<Reply>& node = range.items[2].items;
  if (node.size() < 2 || node[1].type != Reply::Type::Integer) return std::nullopt;
  Endpoint master = asked;
  // Nothing or "": it does not know its own address; "?" likewise, of a node without a name.
  if (is_host(node[0].text)) master.host = node[0].text;
  if (node[1].number < 1 || node[1].number > 65'535) return std::nullopt;
  master.port = static_cast<int>(node[1].number);
  return master;
}

}  // namespace

int slot_of(std::string_view key) {
  const std::size_t open = key.find('{');
  if (open != std::string_view::npos) {
    const std::size_t close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) {
      key = key.substr(open + 1, close - open - 1);
    }
  }
  return crc16(key) % kSlots;
}

std::optional<Redirection> parse_redirection(std::string_view error, const Endpoint& asked) {
  Redirection redirection;
  redirection.is_ask = error.starts_with("ASK ");
  if (!redirection.is_ask && !error.starts_with("MOVED ")) return std::nullopt;
  error.remove_prefix(error.find(' ') + 1);
  const std::size_t space = error.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto slot = parse_slot(error.substr(0, space));
  std::string_view place = trim(error.substr(space + 1));
  const std::size_t colon = place.rfind(':');  // IPv6 addresses come without brackets
  if (!slot || colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_endpoint("h" + std::string(place.substr(colon)), 1);
  if (!port) return std::nullopt;
  const std::string_view host = place.substr(0, colon);
  if (!host.empty() && !is_host(host)) return std::nullopt;
  redirection.slot = *slot;
  redirection.node = {host.empty() ? asked.host : std::string(host), port->port};
  return redirection;
}

std::optional<SlotMap> SlotMap::parse(const Reply& reply, const Endpoint& asked) {
  if (reply.type != Reply::Type::List) return std::nullopt;
  SlotMap map;
  for (const Reply& range : reply.items) {
    const auto master = master_of(range, asked);
    if (!master) return std::nullopt;
    for (auto slot = range.items[0].number; slot <= range.items[1].number; ++slot) {
      map.set(static_cast<int>(slot), *master);
    }
  }
  return map;
}

const Endpoint* SlotMap::node_of(int slot) const {
  const std::uint16_t number = of_slot_[static_cast<std::size_t>(slot)];
  return number == kNobody ? nullptr : &nodes_[number];
}

void SlotMap::set(int slot, const Endpoint& node) {
  of_slot_[static_cast<std::size_t>(slot)] = number_of(node);
}

std::uint16_t SlotMap::number_of(const Endpoint& node) {
  const auto found = std::find(nodes_.begin(), nodes_.end(), node);
  if (found != nodes_.end()) return static_cast<std::uint16_t>(found - nodes_.begin());
  nodes_.push_back(node);
  return static_cast<std::uint16_t>(nodes_.size() - 1);
}

}  // namespace observerd::cache
