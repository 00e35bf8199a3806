#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "postgres/connection.hpp"
#include "store/control.hpp"
#include "telemetry/log.hpp"

namespace observerd::app {

/// The running host's side of the control tables: shows that and how this host runs, learns what is
/// paused and whose configuration counts, hears requests, and does what has to be done now and then
/// (the event log's retention). One thread with one connection; looks each second, and at once when
/// a command notifies. While the database is away nothing changes. Thread-safe.
class ControlLoop {
 public:
  /// Called on the loop's thread; the first round's on that of start().
  struct Hooks {
    std::function<json::Value()> state;    ///< what others are shown
    std::function<std::string()> problem;  ///< why this host does not deliver, or ""
    std::function<void(std::vector<store::PauseRow>)> pauses;
    /// `active` is the fingerprint that counts, `own` this host's.
    std::function<void(const std::string& active, const std::string& own)> configuration;
    std::function<void()> reload;  ///< asks for a reload; answer_reload() tells how it went
    std::function<Status(const std::string& lane)> resume_lane;
    /// Removes some of what is too old; true when there is more.
    std::function<Result<bool>(postgres::Connection&)> maintain;
  };

  ControlLoop(postgres::Options database, std::string fingerprint, Hooks hooks,
              telemetry::Log& log);
  ~ControlLoop();
  ControlLoop(const ControlLoop&) = delete;
  ControlLoop& operator=(const ControlLoop&) = delete;

  /// The first round, so that nothing is delivered before pauses are known; then the thread.
  Status start();
  /// Takes this host's row away, unless the database is away, and ends the thread.
  void stop();

  /// This host has another configuration now.
  void set_fingerprint(std::string fingerprint);
  /// A reload begins: what was asked for until now is answered by it.
  void begin_reload();
  /// How it went.
  void answer_reload(bool ok, std::string text);
  /// Writes a pause down as soon as possible, retried until it is written.
  void pause(store::PauseRow pause);
  const Uuid& id() const { return report_.id; }

 private:
  void loop();
  Status connect();
  Status round();
  Status write_pauses(store::Control& control);
  Status answer_requests(store::Control& control);
  Status maintain();
  /// Under mutex_: a reload that is on its way.
  bool is_known(std::int64_t request) const;

  const postgres::Options database_;
  const Hooks hooks_;
  telemetry::Log& log_;
  store::HostReport report_;  ///< the thread's own, as is the connection
  std::unique_ptr<postgres::Connection> connection_;
  std::string told_active_, told_own_;
  SteadyTime next_maintenance_{}, next_forgetting_{};

  std::mutex mutex_;
  std::string fingerprint_;
  std::vector<store::PauseRow> new_pauses_;
  std::vector<std::int64_t> open_reloads_, running_reloads_;
  struct ReloadAnswer {
    bool ok = false;
    std::string text;
  };
  std::vector<std::pair<std::int64_t, ReloadAnswer>> reload_answers_;
  bool stopping_ = false;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace observerd::app
