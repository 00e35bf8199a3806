#include "check/frame.hpp"

#include <cstring>

#include "base/uuid.hpp"

namespace observerd::check {

Nonce random_nonce() {
  return Uuid::random().bytes;
}

std::string frame(const Nonce& nonce, std::string_view payload) {
  const std::string mark(reinterpret_cast<const char*>(nonce.data()), nonce.size());
  const auto length = static_cast<std::uint32_t>(payload.size());
  std::string bytes = mark;
  bytes.append(reinterpret_cast<const char*>(&length), sizeof length);
  bytes += payload;
  return bytes + mark;
}

std::optional<std::string> unframe(const Nonce& nonce, std::string_view bytes) {
  constexpr std::size_t head = sizeof(Nonce) + sizeof(std::uint32_t);
  if (bytes.size() < head + sizeof(Nonce)) return std::nullopt;
  const std::string_view payload = bytes.substr(head, bytes.size() - head - sizeof(Nonce));
  if (frame(nonce, payload) != bytes) return std::nullopt;
  return std::string(payload);
}

}  // namespace observerd::check
