#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.hpp"
#include "common/route_settings.hpp"
#include "observerd/plugin.hpp"

namespace observerd::cache {

enum class Kind : unsigned char { Invalidate, Refresh, Publish, Purge, Ban };

/// The word of the settings.
std::string_view kind_word(Kind kind);

/// What to do to a cache: as configured, when templates have not been rendered, or for one event.
struct Operation {
  Kind kind = Kind::Invalidate;
  std::vector<std::string> keys;
  std::string key_pattern;
  std::vector<std::string> tags;
  std::vector<std::string> urls;
  std::string channel;
  std::optional<std::string> value;
  std::optional<Milliseconds> ttl;

  /// Whether a member of the settings is there: "keys", "tags", …
  bool has(std::string_view member) const;
};

/// What members an operation takes with one flavour.
struct Shape {
  Kind kind;
  std::vector<std::string_view> targets;  ///< one of these at least must be there
  std::vector<std::string_view> more;     ///< these may be
};

/// Reads an action's settings, which the host has held to the schema.
Operation parse_operation(const json::Value& settings, const common::ProblemFn& problem);
/// Says what the flavour has no use for, or lacks. `shapes` is all that it can do.
void check_shape(const Operation& operation, std::string_view flavour,
                 const std::vector<Shape>& shapes, const common::ProblemFn& problem);
/// The operation of one event: what the host rendered put over `configured`.
std::variant<Operation, sdk::Result> render_operation(const Operation& configured,
                                                      const sdk::Item& item);

}  // namespace observerd::cache
