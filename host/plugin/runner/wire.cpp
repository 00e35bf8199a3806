#include "plugin/runner/wire.hpp"

#include <cstring>

namespace observerd::plugin {

Encoder& Encoder::text(std::string_view value) {
  value = value.substr(0, UINT32_MAX);
  u32(static_cast<std::uint32_t>(value.size()));
  bytes_.append(value);
  return *this;
}

void Decoder::fail() {
  ok_ = false;
  rest_ = {};
}

void Decoder::take(void* out, std::size_t size) {
  if (!ok_ || rest_.size() < size) {
    fail();
    return;
  }
  std::memcpy(out, rest_.data(), size);
  rest_.remove_prefix(size);
}

std::string_view Decoder::text(std::size_t most) {
  const std::size_t size = u32();
  if (!ok_ || size > rest_.size() || size > most) {
    fail();
    return {};
  }
  const std::string_view value = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return value;
}

std::uint32_t Decoder::count(std::uint32_t most, std::size_t least_bytes) {
  const std::uint32_t value = u32();
  if (!ok_ || value > most || value > rest_.size() / least_bytes) {
    fail();
    return 0;
  }
  return value;
}

}  // namespace observerd::plugin
