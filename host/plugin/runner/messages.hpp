#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.hpp"
#include "plugin/module.hpp"
#include "plugin/negotiation.hpp"

/// The bodies of frames. Each `decode` takes any bytes, and gives nullopt unless they are exactly
/// one message within its bounds.
namespace observerd::plugin::message {

/// Load: which file the descriptor is, and that it is the one that was checked.
struct Load {
  std::string path, sha256;
  std::string encode() const;
  static std::optional<Load> decode(std::string_view bytes);
};

/// Greeting.
struct Greeting {
  std::uint32_t version = 0;
  PluginFacts facts;
  std::string encode() const;
  static std::optional<Greeting> decode(std::string_view bytes);
};

/// A list of problems: Refusal (one), and part of an Answer.
std::string encode_problems(const std::vector<Status>& problems);
std::optional<std::vector<Status>> decode_problems(std::string_view bytes);

/// Open. `log_levels`: a bit for each level that the host keeps.
struct Open {
  std::string type, settings;
  std::uint32_t log_levels = 0;
  std::string encode() const;
  static std::optional<Open> decode(std::string_view bytes);
};

/// Bind and Probe (`json` is empty then).
struct ActionRequest {
  std::uint64_t action = 0;
  std::string json;
  std::string encode() const;
  static std::optional<ActionRequest> decode(std::string_view bytes);
};

/// Answer, to each request what it needs of it.
struct Answer {
  std::vector<Status> problems;     ///< the request failed when there are any
  std::string lane_key, batch_key;  ///< Bind; an empty one was not named by the plugin
  bool supported = false;           ///< Probe
  std::string text;                 ///< Preview
  std::string encode() const;
  static std::optional<Answer> decode(std::string_view bytes);
};

/// Deliver: `items` Item frames follow under the same id.
struct Deliver {
  std::uint32_t items = 0;
  std::int64_t deadline_ns = 0;  ///< CLOCK_MONOTONIC, which processes share
  bool cancelled = false;        ///< from the start
  std::string encode() const;
  static std::optional<Deliver> decode(std::string_view bytes);
};

/// Item, and the body of Preview. `item.action` is not part of it: `action` names it.
struct DeliveryItem {
  std::uint64_t action = 0;
  Item item;
  static std::string encode(std::uint64_t action, const Item& item);
  static std::optional<DeliveryItem> decode(std::string_view bytes);
};

/// Result. A number that is no outcome reads as Retry.
struct ItemReport {
  std::uint32_t index = 0;
  ItemResult result;
  static std::string encode(std::uint32_t index, const ItemResult& result);
  static std::optional<ItemReport> decode(std::string_view bytes);
};

/// Log and Metric. The texts are views into the decoded bytes, and may hold anything.
struct Said {
  std::int32_t number = 0;  ///< the level, or the kind of metric
  std::string_view text;    ///< the message, or the metric's name
  double value = 0;
  HostServices::Fields fields;
  std::string encode() const;
  static std::optional<Said> decode(std::string_view bytes);
};

}  // namespace observerd::plugin::message
