#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>

#include "common/recent_deliveries.hpp"
#include "email/build.hpp"
#include "email/connection.hpp"
#include "email/transaction.hpp"
#include "observerd/plugin.hpp"

namespace observerd::email {

/// Brings mail to the server over connections that are kept: at most max_connections, each used by
/// one mail at a time. A kept connection that the server has closed meanwhile is replaced before
/// anything is lost: what fails on it before the message was there whole is done again on a new
/// one. Thread-safe.
class Postman {
 public:
  /// `settings` must outlive this.
  Postman(sdk::Host host, const ModuleSettings& settings);
  ~Postman();
  Postman(const Postman&) = delete;
  Postman& operator=(const Postman&) = delete;

  bool start();
  /// Ends what runs, closes the connections.
  void stop();

  sdk::Result deliver(const Mail& mail, const sdk::Item& item, bool has_fixed_sender);
  /// Connects and logs in, nothing more.
  sdk::Result greet();

 private:
  struct Slot {
    std::unique_ptr<Connection> connection;
    SteadyTime last_use;
  };
  using Slots = sdk::Pool<Slot>;

  Slots::Lease borrow(const common::Patience& patience);
  std::variant<Outcome, sdk::Result> attempt(Slot& slot, const Mail& mail, const Envelope& envelope,
                                             const common::Patience& patience);
  std::optional<Failure> ready(Slot& slot, bool& is_kept, const common::Patience& patience);
  void count(const Outcome& outcome, std::size_t bytes) const;

  const sdk::Host host_;
  const ModuleSettings& settings_;
  Slots slots_;
  /// Which recipients have taken a delivery that others put off or refused, so that a later attempt
  /// leaves them out.
  common::RecentDeliveries<std::set<std::string>> taken_{4'096};
  std::atomic<bool> is_stopping_{false};
  int stop_fd_;
};

}  // namespace observerd::email
