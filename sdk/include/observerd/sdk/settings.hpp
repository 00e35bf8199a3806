#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "observerd/sdk/host.hpp"
#include "observerd/sdk/json.hpp"

/// Typed reading of settings. Part of plugin.hpp.
namespace observerd::sdk {

/// The settings of a module or an action while they are read. Whatever is missing or of another
/// type is said in `errors` under its JSON pointer, all of it and not the first; values are not
/// quoted, they may be secrets. Where something is wrong a getter returns its fallback or an empty
/// value, so read on and look at errors.ok() at the end. Not thread-safe; `errors` must live
/// longer.
class Settings {
 public:
  /// Reads the JSON at once; what is wrong with it is in `errors`.
  Settings(std::string_view json, Errors& errors) : errors_(errors) {
    std::string what;
    if (auto parsed = Json::parse(json, &what)) {
      json_ = *std::move(parsed);
      if (!json_.is_object()) problem("", "must be an object");
    } else {
      problem("", "malformed JSON: " + what);
    }
  }

  /// Whether it is there at all.
  bool has(std::string_view name) const { return json_.find(name) != nullptr; }
  /// What has been read; null when it was malformed.
  const Json& json() const { return json_; }

  /// A setting without fallback is required.
  std::string string(std::string_view name) { return read_string(name, std::nullopt); }
  /// An optional one.
  std::string string(std::string_view name, std::string_view fallback) {
    return read_string(name, fallback);
  }
  /// Within [least, most].
  std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most) {
    return read_integer(name, least, most, std::nullopt);
  }
  /// An optional one, within [least, most] when it is there.
  std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most,
                       std::int64_t fallback) {
    return read_integer(name, least, most, fallback);
  }
  /// An optional number.
  double number(std::string_view name, double fallback) {
    const Json* value = json_.find(name);
    if (value == nullptr) return fallback;
    if (const auto number = value->number()) return *number;
    problem(name, "must be a number");
    return fallback;
  }
  /// An optional true or false.
  bool boolean(std::string_view name, bool fallback) {
    const Json* value = json_.find(name);
    if (value == nullptr) return fallback;
    if (const auto boolean = value->boolean()) return *boolean;
    problem(name, "must be true or false");
    return fallback;
  }
  /// "250ms", "30s", "5m", "1h" or "7d", as everywhere in observerd's configuration.
  std::chrono::milliseconds duration(std::string_view name, std::chrono::milliseconds fallback) {
    const Json* value = json_.find(name);
    if (value == nullptr) return fallback;
    if (const auto duration = to_duration(*value)) return *duration;
    problem(name, "must be a duration such as \"250ms\", \"30s\", \"5m\", \"1h\" or \"7d\"");
    return fallback;
  }
  /// An array of strings; empty when it is missing.
  std::vector<std::string> strings(std::string_view name) {
    std::vector<std::string> out;
    const Json* value = json_.find(name);
    if (value == nullptr) return out;
    if (!value->is_array()) problem(name, "must be an array of strings");
    for (std::size_t i = 0; i < value->items().size(); ++i) {
      const Json& item = value->items()[i];
      if (!item.is_string())
        problem(std::string(name) + "/" + std::to_string(i), "must be a string");
      out.push_back(item.is_string() ? item.text() : std::string());
    }
    return out;
  }
  /// An object within; an empty one when it is missing.
  Settings object(std::string_view name) {
    const Json* value = json_.find(name);
    if (value != nullptr && !value->is_object()) problem(name, "must be an object");
    Settings inner(errors_, pointer(name));
    if (value != nullptr && value->is_object()) inner.json_ = *value;
    return inner;
  }

  /// Says what is wrong with a setting; name "" is all of them. No secret in the message.
  void problem(std::string_view name, std::string_view message) {
    errors_.add(name.empty() ? pointer_ : pointer(name), message);
  }

 private:
  Settings(Errors& errors, std::string pointer) : errors_(errors), pointer_(std::move(pointer)) {}
  std::string pointer(std::string_view name) const {
    return pointer_ + "/" + std::string(name);  // names of schemas hold no ~ and no /
  }

  std::string read_string(std::string_view name, std::optional<std::string_view> fallback) {
    const Json* value = json_.find(name);
    if (value != nullptr && value->is_string()) return value->text();
    if (value != nullptr) {
      problem(name, "must be a string");
    } else if (!fallback) {
      problem(name, "is required");
    }
    return std::string(fallback.value_or(""));
  }
  std::int64_t read_integer(std::string_view name, std::int64_t least, std::int64_t most,
                            std::optional<std::int64_t> fallback) {
    const Json* value = json_.find(name);
    if (value == nullptr) {
      if (!fallback) problem(name, "is required");
      return fallback.value_or(least);
    }
    const auto integer = value->integer();
    if (integer && *integer >= least && *integer <= most) return *integer;
    problem(name,
            "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return fallback.value_or(least);
  }

  static std::optional<std::chrono::milliseconds> to_duration(const Json& value) {
    struct Unit {
      std::string_view name;
      std::int64_t milliseconds;
    };
    static constexpr Unit units[] = {
        {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
    const std::string& text = value.text();
    std::int64_t amount = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, amount);
    if (!value.is_string() || error != std::errc() || amount < 0) return std::nullopt;
    const std::string_view name(rest, static_cast<std::size_t>(end - rest));
    for (const Unit& unit : units) {
      if (unit.name != name) continue;
      if (amount > std::numeric_limits<std::int64_t>::max() / unit.milliseconds) break;
      return std::chrono::milliseconds(amount * unit.milliseconds);
    }
    return std::nullopt;
  }

  Errors& errors_;
  Json json_;
  std::string pointer_;
};

}  // namespace observerd::sdk
