#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.hpp"

namespace observerd::plugin {

/// What a frame is. To the runner: a request, answered under the same id, unless it says "no
/// answer"; ids of requests, calls and actions are the host's.
enum class FrameKind : std::uint32_t {
  // host to runner
  Load = 1,    ///< which file the passed descriptor is
  Open = 2,    ///< a type's module with its settings
  Bind = 3,    ///< an action; id is the request's, the body names the action
  Unbind = 4,  ///< no answer; id is the action's
  Start = 5,
  Deliver = 6,  ///< a call's head; id is the call's. Items follow, then Results and Done
  Item = 7,     ///< one item of the call that Deliver has begun
  Cancel = 8,   ///< no answer; id is the call's
  Stop = 9,
  Probe = 10,
  Preview = 11,
  Close = 12,  ///< the module; the last request
  // runner to host
  Greeting = 32,  ///< answer to Load: what the library says of itself
  Refusal = 33,   ///< answer to Load: why it is not used
  Answer = 34,    ///< to any other request
  Result = 35,    ///< of one item; id is the call's
  Done = 36,      ///< the plugin is through with the call
  Log = 37,
  Metric = 38,
};

/// What goes through the socket at a time: a kind, an id, and a flat body.
struct Frame {
  FrameKind kind = FrameKind::Load;
  std::uint64_t id = 0;
  std::string body;
};

/// Part of the greeting: both ends are normally the same file, but an update may have replaced the
/// program under a running host.
inline constexpr std::uint32_t protocol_version = 1;

/// Hard limits of a body. An item is one frame; what a runner says is short.
inline constexpr std::size_t max_body_to_runner = std::size_t{64} << 20;
inline constexpr std::size_t max_body_to_host = std::size_t{8} << 20;

/// A frame as it goes over the socket: 32-bit length of the body, 32-bit kind, 64-bit id, body.
std::string encode_frame(FrameKind kind, std::uint64_t id, std::string_view body);

/// Takes bytes as they come and gives frames. The bytes may be anything.
class FrameReader {
 public:
  explicit FrameReader(std::size_t max_body) : max_body_(max_body) {}

  void feed(std::string_view bytes);
  /// The next complete frame; nullopt when more bytes are needed. An error (unknown kind, a body
  /// over the limit) is final: where the next frame would begin is unknown.
  Result<std::optional<Frame>> next();

 private:
  const std::size_t max_body_;
  std::string buffer_;
  std::size_t begin_ = 0;
  Status broken_;
};

}  // namespace observerd::plugin
