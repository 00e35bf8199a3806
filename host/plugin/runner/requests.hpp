#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "plugin/runner/messages.hpp"
#include "plugin/runner/process.hpp"

namespace observerd::plugin {

/// Questions to a runner and their answers. Thread-safe.
class Requests {
 public:
  /// From here on questions go to that runner; `life` tells it from the ones before and after.
  void connect(std::shared_ptr<RunnerProcess> runner, std::uint64_t life);
  /// Open questions fail with `why`; later ones wait for the next runner.
  void disconnect(const std::string& why);
  /// There will be no other runner.
  void close();

  struct Answered {
    message::Answer answer;
    std::uint64_t life = 0;  ///< of the runner that answered
  };
  /// Asks and waits; not from the thread that calls take. When there is no answer within `limit`
  /// the runner is ended. Errors are OB017: it ended, or there was none.
  Result<Answered> ask(FrameKind kind, const std::string& body, Milliseconds limit,
                       const std::string& doing);
  /// Says something that needs no answer, if there is a runner.
  void tell(FrameKind kind, std::uint64_t id);

  /// An Answer frame. False when nobody asked for it, or it is malformed.
  bool take(const Frame& frame);

 private:
  struct Waiting {
    std::optional<message::Answer> answer;
    bool over = false;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<RunnerProcess> runner_;
  std::uint64_t life_ = 0;
  std::map<std::uint64_t, std::shared_ptr<Waiting>> waiting_;
  std::uint64_t next_id_ = 1;
  std::string last_end_;
  bool closed_ = false;
};

}  // namespace observerd::plugin
