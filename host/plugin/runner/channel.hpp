#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/status.hpp"
#include "plugin/candidate.hpp"
#include "plugin/runner/frame.hpp"

namespace observerd::plugin {

/// One end of the socket between host and runner. Sending never blocks: what the socket does not
/// take at once waits in a queue that `wait` empties, so that no two full buffers can block each
/// other. send and wake from any thread; wait from one thread only.
class Channel {
 public:
  /// `socket`: a connected stream socket.
  Channel(Descriptor socket, std::size_t max_body);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// Frames of one thread keep their order. To a peer that is gone it does nothing: `wait` says so.
  void send(FrameKind kind, std::uint64_t id, std::string_view body = {});
  /// Several frames as encode_frame gives them, nothing in between.
  void send_encoded(std::string bytes);
  /// Bytes that the socket has not taken yet.
  std::size_t queued() const;
  /// Makes `wait` return.
  void wake();
  /// Closes the connection in both directions: the peer sees its end.
  void hang_up();

  struct Arrived {
    std::vector<Frame> frames;
    bool readable = false;  ///< the other descriptor is
  };
  /// Waits, for `timeout` at most, until frames have come, wake was called, or `other` (-1: none)
  /// is readable. An error: the peer has closed its end, or broken the protocol (its message
  /// continues a sentence that starts with the peer's name). Frames that came before are given
  /// first.
  Status wait(Milliseconds timeout, int other, Arrived& arrived);
  /// Whether the peer has closed its end, as opposed to having broken the protocol. Of the thread
  /// that waits.
  bool closed() const { return !ended_.ok(); }

 private:
  bool write_some(std::string_view bytes, std::size_t& done);
  void flush();
  Status receive(std::vector<Frame>& frames);

  const Descriptor socket_;
  const Descriptor wake_;
  FrameReader reader_;
  Status ended_;
  mutable std::mutex mutex_;
  std::deque<std::string> queue_;
  std::size_t queued_ = 0;
  std::size_t front_done_ = 0;  ///< bytes of the first that are written
  bool broken_ = false;
};

}  // namespace observerd::plugin
