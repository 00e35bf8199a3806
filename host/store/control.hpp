#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "base/uuid.hpp"
#include "postgres/connection.hpp"

namespace observerd::store {

/// What a running host says of itself, about once a second.
struct HostReport {
  Uuid id;           ///< of this run of the process
  std::string name;  ///< host name and process id
  std::string version;
  int lock_key = 0;  ///< see Control::hold_life_lock
  std::string fingerprint;
  std::string problem;  ///< why it does not deliver, or ""
  json::Value state;    ///< lanes, observers, plugins
};

/// A host as others see it.
struct HostRow {
  HostReport report;
  std::string started_at, seen_at;  ///< RFC 3339
  bool alive = false;               ///< connected right now
  double silent_seconds = 0;        ///< since it was seen
};

struct PauseRow {
  std::string observer;
  std::string action;  ///< "" for all of the observer
  std::string cause;   ///< "operator" or "gone"
  std::string reason;
  std::string since;  ///< RFC 3339; filled when read
};

struct Request {
  std::int64_t id = 0;
  std::string verb;  ///< "reload", "resume_lane"
  std::string argument;
};

struct Answer {
  std::string host_name;
  bool ok = false;
  std::string text;
};

/// How commands and running hosts speak to each other, through small tables (migration 04). What
/// changes here also notifies control_channel(), so that hosts look at once. Errors are OB019.
/// Not thread-safe (one connection).
class Control {
 public:
  explicit Control(postgres::Connection& connection) : connection_(connection) {}

  /// Plain name, for Connection::listen.
  Result<std::string> channel();

  // ---- what a host does ----

  /// Takes the advisory lock that shows that this host lives, for as long as the connection lasts;
  /// the key is chosen at random among the free ones.
  Result<int> hold_life_lock();
  Status announce(const HostReport& report);
  Status withdraw(const Uuid& host);
  /// The fingerprint that counts. Makes `fingerprint` the one when there is none, or when no living
  /// host but this one runs the one that is, unless that was activated on purpose. Announce first.
  Result<std::string> settle_active(const std::string& fingerprint, const Uuid& host);
  /// Requests that this host has not answered, of those asked since it was announced first.
  Result<std::vector<Request>> unanswered(const Uuid& host);
  Status answer(std::int64_t request, const HostReport& host, bool ok, const std::string& text);
  /// Removes requests of more than a day ago and the rows of hosts that died as long ago.
  Status forget_old();

  // ---- what commands do ----

  Result<std::vector<HostRow>> hosts();
  Result<std::vector<PauseRow>> pauses();
  /// False when it was paused already: the first cause and reason stay.
  Result<bool> pause(const PauseRow& pause);
  /// False when it was not paused.
  Result<bool> resume(const std::string& observer, const std::string& action);
  /// The observer's pause and those of its single actions.
  Result<bool> resume_all(const std::string& observer);
  /// "" when no host ever ran.
  Result<std::string> active();
  Status activate(const std::string& fingerprint);
  /// The request's id.
  Result<std::int64_t> ask(const std::string& verb, const std::string& argument);
  Result<std::vector<Answer>> answers(std::int64_t request);

 private:
  Status write(const std::string& sql, const std::vector<std::string>& arguments,
               std::int64_t* affected = nullptr);
  std::string notify() const;

  postgres::Connection& connection_;
};

}  // namespace observerd::store
