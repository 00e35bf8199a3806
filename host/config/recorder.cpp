#include "config/recorder.hpp"

#include "config/readers.hpp"

namespace observerd::config {

void Recorder::note(const std::string& pointer, const json::Value& keywords) {
  json::Value& schema = settings_[pointer].schema;
  for (const auto& [name, value] : keywords.members()) {
    if (schema.find(name) == nullptr) schema.set(name, value);
  }
}

void Recorder::require(const std::string& pointer, const std::string& member) {
  json::Value& schema = settings_[pointer].schema;
  if (schema.find("required") == nullptr) schema.set("required", json::Value::array());
  schema.find("required")->push_back(json::Value::string(member));
}

void Recorder::note_text(const std::string& pointer, const json::Value& keywords) {
  note(pointer, keywords);
  settings_[pointer].is_text = true;
}

json::Value example_document() {
  constexpr const char* kExample = R"({
    "database": {},
    "plugins": {"directories": [], "settings": {"*": {}}, "modules": {"*": {"settings": {}}},
                "isolation": {"*": ""}, "sha256": {"*": ""}, "required": {"*": true}},
    "defaults": {"retry": {}, "breaker": {}},
    "entities": {"*": {}},
    "runtime": {"alert": {"action": {"retry": {}, "breaker": {}}}},
    "admin": {},
    "log": {},
    "observers": [{"actions": [{"retry": {}, "breaker": {}}]}]
  })";
  Result<json::Value> parsed = json::parse(kExample, Code::Configuration);
  return parsed ? *std::move(parsed) : json::Value::object();
}

Recorder record_settings() {
  Recorder recorder;
  Sources sources;
  sources.add("", "");
  const Environment environment;
  Diagnostics ignored;  // the example lacks what must be there
  const Reading reading{sources, environment, ignored, true, &recorder};
  Settings settings;
  read_settings(reading, example_document(), settings);
  return recorder;
}

}  // namespace observerd::config
