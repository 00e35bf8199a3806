#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "plugin/host_table.hpp"
#include "plugin/registry.hpp"
#include "plugin/runner/in_flight.hpp"
#include "plugin/runner/process.hpp"
#include "plugin/runner/requests.hpp"
#include "plugin/runner/voice.hpp"

namespace observerd::plugin {

/// Keeps one module open in a runner process: starts it, has it open the module, bind the actions
/// and start; reads what it sends; and when it ends, for whatever reason, says why, settles what it
/// had, and does it all again after a pause that grows. A thread of its own does that, because a
/// runner dies with the thread that started it. Thread-safe.
class Supervisor : public std::enable_shared_from_this<Supervisor> {
 public:
  /// Opens the module. Problems go to `diagnostics`; nullptr when there are any.
  static std::shared_ptr<Supervisor> open(const ActionType& type, const std::string& settings,
                                          HostTable& host, std::uint32_t log_levels,
                                          InFlight::ActionId action_id, Diagnostics& diagnostics);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  struct Bound {
    std::uint64_t id = 0;
    std::string lane_key, batch_key;  ///< "" when the plugin named none
  };
  /// Problems go to `diagnostics`; nullopt when there are any.
  std::optional<Bound> bind(const std::string& json, Diagnostics& diagnostics);
  void unbind(std::uint64_t action);
  Status start();
  void stop();
  Result<message::Answer> probe(std::uint64_t action);
  std::string preview(std::uint64_t action, const Item& item);
  InFlight& in_flight() { return in_flight_; }
  /// Ends the runner at once; it is started again.
  void end_runner(const std::string& why);

  RunnerState state() const;
  const ActionType& type() const { return type_; }
  HostTable& host() { return host_; }
  /// Closes the module and ends everything. From the supervisor's own thread (a report that dropped
  /// the last owner) it only asks for that.
  void retire();

 private:
  Supervisor(const ActionType& type, const std::string& settings, HostTable& host,
             std::uint32_t log_levels, InFlight::ActionId action_id);
  void run();
  std::vector<Status> bring_up();
  std::vector<Status> replay(FrameKind kind, const std::string& body, std::string_view doing);
  std::vector<Status> catch_up();
  std::string serve();
  Status pump(Milliseconds timeout);
  bool handle(const Frame& frame);
  void tear_down(const std::string& why);
  void close_module();
  void pause_before_restart();
  bool closing() const;
  std::string how_it_ended(const Status& status);

  const ActionType& type_;
  const std::string settings_;
  HostTable& host_;
  const std::uint32_t log_levels_;
  InFlight in_flight_;
  Requests requests_;

  // Of the thread alone.
  std::shared_ptr<RunnerProcess> process_;
  Voice voice_;
  bool output_open_ = false;
  std::optional<message::Answer> replayed_;  ///< the answer that bring_up waits for
  int failures_ = 0;                         ///< in a row, nothing delivered in between

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::thread thread_;
  std::shared_ptr<RunnerProcess> running_process_;  ///< process_, for the other threads
  std::map<std::uint64_t, std::string> actions_;    ///< bound ones and their settings
  std::uint64_t next_action_ = 1;
  std::uint64_t life_ = 0;  ///< counts the runners
  bool started_ = false;    ///< the module is to be
  bool closing_ = false;
  bool blameless_ = false;  ///< what ends now is the fault of a call that was given up
  std::string why_ended_;   ///< when the host ends it
  std::optional<std::vector<Status>> opened_;
  std::uint64_t restarts_ = 0;
  std::string last_error_;
};

}  // namespace observerd::plugin
