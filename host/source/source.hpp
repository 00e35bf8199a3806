#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/status.hpp"
#include "event/event.hpp"
#include "postgres/connection.hpp"
#include "source/ledger.hpp"
#include "source/segments.hpp"

namespace observerd::source {

/// One row of observer.outbox, texts as they came.
struct OutboxRow {
  std::int64_t id = 0;
  std::uint64_t xid = 0;
  int shard = 0;
  std::string kind;  ///< "insert" …; anything else is a bad row
  std::string entity;
  std::string key;
  std::string old_key;
  std::string type;  ///< of custom events; else empty
  std::string actor;
  std::string trace_parent;
  std::string new_text;  ///< JSON, empty when NULL
  std::string old_text;
  std::int64_t created_us = 0;  ///< microseconds since 1970, UTC
};

/// The event of a row, its JSON parsed. OB020 when the row cannot be one.
Result<Event> to_event(const OutboxRow& row, const Uuid& installation);

/// Who gets the rows. Calls for one shard come from one thread, in the order of the stream; calls
/// for different shards may be concurrent.
class RowSink {
 public:
  virtual ~RowSink() = default;
  /// A shard was taken over, before its first rows: load what is parked of it. An error gives the
  /// shard back.
  virtual Status on_acquired(int shard, std::uint64_t lease, postgres::Connection& connection) = 0;
  /// May block for as long as the host is full: that is the back-pressure. False when stopping.
  virtual bool on_rows(int shard, std::uint64_t lease, std::vector<OutboxRow> rows) = 0;
  /// The shard is being given to another host; no more rows come. True when nothing of it is under
  /// way besides rows, which the ledger knows. Asked until it is, or handover_timeout has passed.
  virtual bool may_leave(int /*shard*/, std::uint64_t /*lease*/) { return true; }
  /// The lease is gone: nothing of it may be settled any more.
  virtual void on_lost(int shard, std::uint64_t lease) = 0;
};

struct Options {
  postgres::Options database;
  int shards = 4;
  Milliseconds poll_interval{1000};
  int page_rows = 1000;
  /// A page ends with the row that reaches this, so that one of very large rows stays bounded.
  std::int64_t page_bytes = 8 << 20;
  /// A segment of the outbox is left for the next one when it has this size …
  std::int64_t segment_bytes = 128LL << 20;
  /// … or its oldest row this age, so that what was consumed does not lie about for ever.
  Milliseconds segment_age{3'600'000};
  Milliseconds maintenance_interval{2000};
  /// How often a host looks who else reads and whether a shard is free. That somebody came or a
  /// shard was given back is told at once besides.
  Milliseconds balance_interval{1000};
  /// What is under way when a shard is given to another host may take this long to be settled; the
  /// rest is delivered again by that host.
  Milliseconds handover_timeout{10'000};
};

/// ShardState::error before the first look at a shard: no problem yet.
inline constexpr const char* kNotStarted = "not started";
/// ShardState::error between the decision to read a shard and reading it: no problem either.
inline constexpr const char* kAboutToBeRead = "about to be read";

struct ShardState {
  int shard = 0;
  bool owned = false;
  std::uint64_t lease = 0;
  std::int64_t read_to = 0;   ///< last outbox id read
  std::size_t unsettled = 0;  ///< read and not settled
  bool idle = false;          ///< nothing was left to read at the last look
  bool handing_on = false;    ///< the sink takes its rows, or has no room for them yet
  SteadyTime looked_at{};     ///< when the database last answered the reader, once owned
  bool elsewhere = false;     ///< another host reads it: no problem of this one
  std::string error;          ///< why it is not being read, or empty
};

/// The listener. Hosts share the shards evenly, as they come and go: each reads its share with one
/// thread and one connection a shard, whose advisory lock is the lease. Reconnects with back-off,
/// for ever; after any lost connection the position is read from the ledger again. Several may live
/// in one process. Reads nothing of a database that is a restored copy, see adopt.hpp. Thread-safe.
class Source {
 public:
  Source(Options options, RowSink& sink);
  ~Source();
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  void start();
  /// Stops reading; leases are kept until release(), so that what is in flight can still settle.
  void stop_reading();
  /// Gives every lease back and joins the threads.
  void release();

  /// Reads nothing, gives every shard back in good order and does not count as a host that is
  /// willing to read, until go_on(). shards() show the reason.
  void hold_off(std::string reason);
  void go_on();

  Ledger& ledger();
  std::vector<ShardState> shards() const;
  /// The outbox as it was at the last look, every maintenance_interval; no segments before the
  /// first.
  OutboxState outbox() const;
  /// True when every shard is owned, by this host, and idle and everything read is settled and
  /// written.
  bool drained() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace observerd::source
