#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cache/settings.hpp"
#include "cache/stream.hpp"
#include "cache/wire_reader.hpp"
#include "observerd/plugin.hpp"

namespace observerd::cache {

/// A connection to one server of a store, logged in; dialled at first use, and again when the
/// server has ended it while it was idle. Used by one thread. `settings` must outlive it.
class Link {
 public:
  Link(const StoreSettings& settings, Endpoint endpoint, sdk::Host host)
      : settings_(settings), endpoint_(std::move(endpoint)), host_(host) {}
  virtual ~Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

 protected:
  /// Makes sure that it stands; from here on `limit` holds. Says why it does not.
  std::optional<sdk::Result> open(const Limit& limit);
  /// What the server wants to be told first. Says why that was not accepted.
  virtual std::optional<sdk::Result> log_in() = 0;

  const StoreSettings& settings() const { return settings_; }
  const sdk::Host& host() const { return host_; }
  bool send(std::string_view bytes) { return stream_->send(bytes); }
  WireReader& reader() { return *reader_; }
  /// What an exchange that broke means: the link is of no use any more.
  sdk::Result broken() const;

 private:
  const StoreSettings& settings_;
  const Endpoint endpoint_;
  const sdk::Host host_;
  std::unique_ptr<Stream> stream_;
  std::optional<WireReader> reader_;
};

}  // namespace observerd::cache
