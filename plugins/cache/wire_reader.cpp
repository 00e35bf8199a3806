#include "cache/wire_reader.hpp"

#include <algorithm>

namespace observerd::cache {

std::nullopt_t WireReader::malformed() {
  is_malformed_ = true;
  return std::nullopt;
}

void WireReader::forget_read() {
  buffer_.erase(0, at_);
  at_ = 0;
}

std::optional<std::string_view> WireReader::line(std::size_t most) {
  if (is_malformed_) return std::nullopt;
  std::size_t looked_at = at_;
  for (;;) {
    const std::size_t end = buffer_.find('\n', looked_at);
    if (end != std::string::npos) {
      if (end == at_ || buffer_[end - 1] != '\r' || end - 1 - at_ > most) return malformed();
      const std::string_view line(buffer_.data() + at_, end - 1 - at_);
      at_ = end + 1;
      return line;
    }
    if (buffer_.size() - at_ > most + 1) return malformed();
    forget_read();
    looked_at = buffer_.size();
    if (!source_.receive(buffer_)) return std::nullopt;
  }
}

std::optional<std::string> WireReader::block(std::size_t size) {
  if (is_malformed_) return std::nullopt;
  while (buffer_.size() - at_ < size + 2) {
    forget_read();
    if (!source_.receive(buffer_)) return std::nullopt;
  }
  if (buffer_.compare(at_ + size, 2, "\r\n") != 0) return malformed();
  std::string block = buffer_.substr(at_, size);
  at_ += size + 2;
  return block;
}

}  // namespace observerd::cache
