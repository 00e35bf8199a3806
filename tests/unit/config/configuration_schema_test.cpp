// The schema for editors is held to the readers: what the one accepts, the other does.
#include "config/configuration_schema.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "config_test_support.hpp"

namespace observerd::config {
namespace {

using namespace testing;
using ::testing::HasSubstr;

const json::Value& action_schema() {
  static const json::Value kSchema = parsed(R"({
    "type": "object", "additionalProperties": false, "required": ["url"],
    "definitions": {
      "codes": {"type": "array", "items": {"type": ["integer", "string"],
                "minimum": 99, "exclusiveMinimum": true, "maximum": 599, "pattern": "^[0-9]+$"}},
      "secret": {"type": "string", "minLength": 1, "x-secret": true}},
    "properties": {
      "url": {"type": "string", "minLength": 1, "x-template": "url", "description": "Where to."},
      "headers": {"type": "object", "additionalProperties": {"type": "string"}},
      "body": {"type": ["object", "array", "string"]},
      "codes": {"$ref": "#/definitions/codes"},
      "secrets": {"type": "array", "items": {"$ref": "#/definitions/secret"}},
      "mode": {"enum": ["a", "b"], "default": "a"},
      "limit": {"oneOf": [{"type": "integer"}, {"type": "string", "enum": ["none"]}]},
      "tls": {"type": "object", "additionalProperties": false,
              "properties": {"file": {"type": "string"}, "verify": {"type": "boolean"}}}}})");
  return kSchema;
}

const json::Value& module_schema() {
  static const json::Value kSchema = parsed(R"({"type": "object", "additionalProperties": false,
    "properties": {"proxy": {"type": "string"}, "size": {"type": "integer", "minimum": 1}}})");
  return kSchema;
}

const json::Value& schema() {
  static const json::Value kSchema =
      configuration_schema({{"t", "A type.", &action_schema(), &module_schema()},
                            {"u", "Another.", &module_schema(), &module_schema()}});
  return kSchema;
}

/// Everything there is, once.
constexpr const char* kFull = R"({
  "$schema": "s.json",
  "database": {"url": "postgresql://h/d", "schema": "obs", "shards": 8},
  "plugins": {
    "directories": ["/a", {"env": "DIR"}], "trusted_directories": ["/b"],
    "settings": {"t": {"proxy": "p", "size": 3}, "other": {}},
    "modules": {"partner": {"type": "t", "settings": {"proxy_env": "X"}}, "bare": {"type": "u"}},
    "isolation": {"t": "in-process"},
    "sha256": {"t": "ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef0123456789"},
    "required": {"t": false}},
  "defaults": {
    "retry": {"max_attempts": 5, "backoff": "linear", "initial_delay": "2s", "max_delay": "1h",
              "multiplier": 1.5, "jitter": 0},
    "timeout": "5s", "on_failure": "log", "concurrency": 3, "missing": "empty", "rate": "50/m",
    "retry_after_cap": "10m", "max_age": "2d", "unavailable_limit": "1h",
    "breaker": {"failures": 3, "window": "2s", "open": "2s"}},
  "runtime": {
    "queue_events": 10, "queue_bytes": "1MiB", "shutdown_timeout": "0s", "poll_interval": "250ms",
    "event_log": "failed", "event_log_retention": "0s", "overflow": "drop_oldest", "watch": true,
    "alert": {"rate": "2/h", "action": {"type": "t", "url": "x"}}},
  "admin": {"listen": "unix:/run/o.sock", "token": {"env": "X", "prefix": "a"}},
  "log": {"level": "debug", "format": "json"},
  "entities": {"Order": {"table": "public.orders", "key": ["a", "b"]}},
  "observers": [
    {"name": "one", "entity": "Order", "events": ["update", "*"], "when": "total > 100",
     "ordering": "none", "sequence": "strict", "enabled": false,
     "actions": [
       {"type": "t", "name": "first", "module_env": "PARTNER", "timeout": "7s", "breaker": false,
        "retry": {"max_attempts": 1}, "rate_env": "RATE", "on_failure": "dlq",
        "url_env": "X", "headers": {"A": "b", "C": {"env": "X", "prefix": "Bearer "}},
        "body": {"env": "data", "n": [1, {"file": 2}]}, "codes": [100, "200", {"env": "CODE"}],
        "secrets": ["s", {"env": "X"}], "mode": "b", "limit": 3,
        "tls": {"file_env": "X", "verify": true}},
       {"type": "u", "proxy": {"env": "X"}}]}]})";

/// What the readers say to a document, with the checks of the types' own settings.
bool reads(const json::Value& document, std::vector<std::string>& problems) {
  const Environment from = environment(
      {{"X", "x"}, {"PARTNER", "partner"}, {"RATE", "1/s"}, {"CODE", "300"}, {"DIR", "/c"}});
  const Loaded loaded = load_one(json::write(document), from);
  if (!loaded.configuration) {
    problems = loaded.errors();
    return false;
  }
  Diagnostics found;
  const Sources& sources = loaded.configuration->sources;
  const auto resolve = [&](const ActionSettings& action) {
    if (action.type != "t" && action.type != "u") return false;
    resolve_action(action, action.type == "t" ? action_schema() : module_schema(), from, sources,
                   found);
    return true;
  };
  for (const ModuleSettings& module : loaded.settings().plugins.modules) {
    if (module.type == "t" || module.type == "u") {
      resolve_module(module, module_schema(), from, sources, found);
    }
  }
  bool known = true;
  for (const ObserverSettings& observer : loaded.settings().observers) {
    for (const ActionSettings& action : observer.actions) known = resolve(action) && known;
  }
  if (const auto& alert = loaded.settings().runtime.alert) known = resolve(alert->action) && known;
  problems = first_lines(found);
  return known && found.ok();
}

bool reads(const json::Value& document) {
  std::vector<std::string> ignored;
  return reads(document, ignored);
}

/// What the schema says to each document, "" for nothing; empty where there is no jsonschema.
std::vector<std::string> validate(const std::vector<json::Value>& documents) {
  std::string name = (std::filesystem::temp_directory_path() / "schema-XXXXXX").string();
  const int file = ::mkstemp(name.data());
  if (file < 0) return {};
  ::close(file);
  std::ofstream(name) << json::write(
      json::Value::object({{"schema", schema()}, {"documents", json::Value::array(documents)}}));
  const std::string command =
      "python3 '" OBSERVERD_SOURCE_DIR "/tests/unit/config/validate.py' '" + name + "'";
  std::vector<std::string> out;
  if (FILE* answers = ::popen(command.c_str(), "r")) {
    char* line = nullptr;
    std::size_t capacity = 0;
    while (::getline(&line, &capacity, answers) > 0) {
      out.emplace_back(line);
      out.back().pop_back();
    }
    std::free(line);
    ::pclose(answers);
  }
  std::filesystem::remove(name);
  return out;
}

bool has_jsonschema() {
  return std::system("python3 -c 'import jsonschema' 2>/dev/null") == 0;
}

struct Mutation {
  std::string what;
  json::Value document;
  bool both;  ///< the schema can say as much as the readers
};

/// Each member and element replaced by other values, and each object with a member nobody knows.
class Mutations {
 public:
  explicit Mutations(const json::Value& document) : document_(document) { at(document_, ""); }
  const std::vector<Mutation>& list() const { return list_; }

 private:
  void at(json::Value& here, const std::string& pointer) {
    if (here.is_object()) {
      here.members().emplace_back("zzz", json::Value::integer(1));
      add(pointer + "/zzz added", true);
      here.members().pop_back();
    }
    if (!pointer.empty() && pointer != "/$schema") replace(here, pointer);
    if (here.is_object()) {
      for (auto& [name, value] : here.members()) at(value, json::join_pointer(pointer, name));
    } else if (here.is_array()) {
      for (std::size_t i = 0; i < here.items().size(); ++i) {
        at(here.items()[i], json::join_pointer(pointer, i));
      }
    }
  }

  void replace(json::Value& here, const std::string& pointer) {
    const json::Value before = here;
    // The names that an action uses must exist, which a schema cannot say.
    const bool names = pointer == "/plugins" || pointer.starts_with("/plugins/modules");
    for (const char* const other : {"null", "true", "5", "[]", "{}", "\"?\""}) {
      here = parsed(other);
      add(pointer + " is " + other, *other != '"' && !names);
    }
    here = before;
  }

  void add(std::string what, bool both) { list_.push_back({std::move(what), document_, both}); }

  json::Value document_;
  std::vector<Mutation> list_;
};

TEST(ConfigurationSchema, AcceptsAndRefusesWhatTheReadersDo) {
  if (!has_jsonschema()) GTEST_SKIP() << "needs python3-jsonschema";
  const json::Value full = parsed(kFull);
  std::vector<std::string> problems;
  ASSERT_TRUE(reads(full, problems)) << ::testing::PrintToString(problems);
  const Mutations mutations(full);
  std::vector<json::Value> documents = {full};
  for (const Mutation& one : mutations.list()) documents.push_back(one.document);
  const std::vector<std::string> verdicts = validate(documents);
  ASSERT_EQ(verdicts.size(), documents.size());
  EXPECT_EQ(verdicts[0], "");
  std::size_t refused = 0;
  for (std::size_t i = 0; i < mutations.list().size(); ++i) {
    const Mutation& one = mutations.list()[i];
    const bool reader = reads(one.document);
    const bool schema_accepts = verdicts[i + 1].empty();
    if (reader) {
      EXPECT_TRUE(schema_accepts) << one.what << ": " << verdicts[i + 1];
    } else if (one.both) {
      EXPECT_FALSE(schema_accepts) << one.what << ": only the reader refuses it";
    }
    refused += reader ? 0 : 1;
  }
  EXPECT_GT(refused, 500u);
}

TEST(ConfigurationSchema, OffersTypesAndTheirSettings) {
  const json::Value* action = json::at_pointer(schema(), "/definitions/action-t/properties");
  ASSERT_NE(action, nullptr);
  EXPECT_THAT(action->find("url")->string_or("description"), HasSubstr("Templates:"));
  EXPECT_NE(action->find("url_env"), nullptr);
  EXPECT_NE(action->find("timeout"), nullptr);
  EXPECT_EQ(
      json::write(*json::at_pointer(schema(), "/definitions/action/properties/type/anyOf/0/enum")),
      R"(["t","u"])");
  EXPECT_NE(json::at_pointer(schema(), "/properties/plugins/properties/required/properties/t"),
            nullptr);
}

TEST(ConfigurationSchema, IsOneWithoutAnyType) {
  const json::Value bare = configuration_schema({});
  EXPECT_EQ(json::at_pointer(bare, "/definitions/action/properties/type/anyOf/0/enum"), nullptr);
  EXPECT_EQ(bare.string_or("$schema"), "http://json-schema.org/draft-07/schema#");
}

}  // namespace
}  // namespace observerd::config
