#pragma once

#include <optional>
#include <string>
#include <utility>

#include "config/validator.hpp"

namespace observerd::config {

/// One value before one schema object.
struct Validator::At {
  const json::Value& value;
  const json::Value& schema;
  const std::string& pointer;
  int hops;  ///< schemas gone through without going into the value
  Faults& out;

  void fault(std::string sentence) const {
    out.push_back({pointer, &value, std::move(sentence), SchemaFault::Kind::Other, {}});
  }
  /// A keyword when it is there and of the right type, else nullptr.
  const json::Value* keyword(std::string_view name, json::Type type) const {
    const json::Value* found = schema.find(name);
    return found != nullptr && found->type() == type ? found : nullptr;
  }
  /// A keyword that is a count, such as minLength.
  std::optional<std::size_t> count(std::string_view name) const;
};

}  // namespace observerd::config
