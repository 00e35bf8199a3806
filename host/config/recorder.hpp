#pragma once

#include <map>
#include <string>

#include "base/json.hpp"

namespace observerd::config {

/// What the readers ask a configuration for: each setting's JSON Schema by its pointer, gathered
/// while they read a document that has every object (example_document). So the code that reads a
/// setting stays the only list of settings there is, for editors as well. Not thread-safe.
class Recorder {
 public:
  /// Adds keywords to the schema of a setting; a keyword that is there already stays.
  void note(const std::string& pointer, const json::Value& keywords);
  /// The object at `pointer` must have the member.
  void require(const std::string& pointer, const std::string& member);
  /// The setting is a text: it may be a reference, and `x_env` may stand for it.
  void note_text(const std::string& pointer, const json::Value& keywords);

  struct Setting {
    json::Value schema = json::Value::object();
    bool is_text = false;
  };
  /// By pointer: in an order where every object comes before its members.
  const std::map<std::string, Setting>& settings() const { return settings_; }

 private:
  std::map<std::string, Setting> settings_;
};

/// An array has one element, an object that users choose the names of has one member, "*".
json::Value example_document();

/// Everything that the readers ask for.
Recorder record_settings();

}  // namespace observerd::config
