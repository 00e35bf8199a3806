#include "plugin/runner/frame.hpp"

#include "plugin/runner/wire.hpp"

namespace observerd::plugin {
namespace {

constexpr std::size_t header_bytes = 16;

bool is_known(std::uint32_t kind) {
  const auto within = [kind](FrameKind first, FrameKind last) {
    return kind >= static_cast<std::uint32_t>(first) && kind <= static_cast<std::uint32_t>(last);
  };
  return within(FrameKind::Load, FrameKind::Close) ||
         within(FrameKind::Greeting, FrameKind::Metric);
}

}  // namespace

std::string encode_frame(FrameKind kind, std::uint64_t id, std::string_view body) {
  Encoder header;
  header.u32(static_cast<std::uint32_t>(body.size())).u32(static_cast<std::uint32_t>(kind)).u64(id);
  std::string bytes = header.take();
  bytes.append(body);
  return bytes;
}

void FrameReader::feed(std::string_view bytes) {
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    begin_ = 0;
  }
  // What has been read is let go of when it is the larger part, so that bytes move at most once.
  if (begin_ > buffer_.size() / 2) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  buffer_.append(bytes);
}

Result<std::optional<Frame>> FrameReader::next() {
  if (!broken_.ok()) return broken_;
  const std::string_view rest = std::string_view(buffer_).substr(begin_);
  if (rest.size() < header_bytes) return std::optional<Frame>();
  Decoder header(rest.substr(0, header_bytes));
  const std::size_t size = header.u32();
  const std::uint32_t kind = header.u32();
  if (size > max_body_) {
    broken_ = Status::error(
        Code::PluginMisbehaved,
        "a frame of " + std::to_string(size) + " bytes; the limit is " + std::to_string(max_body_));
    return broken_;
  }
  if (!is_known(kind)) {
    broken_ = Status::error(Code::PluginMisbehaved,
                            "a frame of the unknown kind " + std::to_string(kind));
    return broken_;
  }
  if (rest.size() - header_bytes < size) return std::optional<Frame>();
  Frame frame;
  frame.kind = static_cast<FrameKind>(kind);
  frame.id = header.u64();
  frame.body = rest.substr(header_bytes, size);
  begin_ += header_bytes + size;
  return std::optional<Frame>(std::move(frame));
}

}  // namespace observerd::plugin
