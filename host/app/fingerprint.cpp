#include "app/fingerprint.hpp"

#include <algorithm>

#include "base/uuid.hpp"

namespace observerd::app {
namespace {

/// The same value whatever the order in which members were written.
json::Value canonical(const json::Value& value) {
  json::Value out = value;
  if (out.is_array()) {
    for (json::Value& item : out.items()) item = canonical(item);
  }
  if (out.is_object()) {
    for (json::Member& member : out.members()) member.second = canonical(member.second);
    std::sort(out.members().begin(), out.members().end(),
              [](const json::Member& a, const json::Member& b) { return a.first < b.first; });
  }
  return out;
}

}  // namespace

std::string fingerprint(const config::Configuration& configuration) {
  static const Uuid kNamespace = *Uuid::parse("6f1de1a4-8f0b-4c5e-9a53-0d2b5f0e7a11");
  json::Value agreed = json::Value::object();
  for (const char* name : {"observers", "defaults", "entities"}) {
    if (const json::Value* value = configuration.merged.find(name)) agreed.set(name, *value);
  }
  agreed.set("event_log", json::Value::integer(
                              static_cast<std::int64_t>(configuration.settings.runtime.event_log)));
  return Uuid::v5(kNamespace, json::write(canonical(agreed))).to_string();
}

}  // namespace observerd::app
