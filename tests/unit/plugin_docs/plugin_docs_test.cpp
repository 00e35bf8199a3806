#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/plugin/action_plugin.hpp"
#include "unit/plugin_docs/settings_table.hpp"

/// The README of each shipped plugin describes the settings that the plugin has.
/// tests/plugin-docs.sh writes the tables anew.
namespace observerd::testing {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(PluginDocs, TheTablesOfEachReadmeAreThoseOfTheSchemas) {
  int seen = 0;
  for (const auto& directory : fs::directory_iterator(OBSERVERD_SOURCE_DIR "/plugins")) {
    const std::string name = directory.path().filename().string();
    if (!fs::exists(directory.path() / "plugin.cpp")) continue;
    ++seen;
    const fs::path file = directory.path() / "README.md";
    const std::string before = read_file(file);
    const plugin::ActionType* type = built_plugins().find(name);
    ASSERT_NE(type, nullptr) << name << " is not among the built plugins";
    auto text = with_section(before, "settings of the action", settings_table(type->action_schema));
    if (text) {
      text = with_section(*text, "settings of the module", settings_table(type->module_schema));
    }
    ASSERT_TRUE(text) << file << " lacks a line <!-- settings of the action --> or of the module, "
                      << "or <!-- end --> after it";
    if (std::getenv("OBSERVERD_REGENERATE") != nullptr) {
      std::ofstream(file, std::ios::binary) << *text;
      continue;
    }
    EXPECT_TRUE(before == *text) << file << " does not say what the schema says: "
                                 << "run tests/plugin-docs.sh";
  }
  EXPECT_GE(seen, 3);
}

TEST(PluginDocs, EverySettingIsDescribed) {
  for (const auto& name : built_plugins().type_names()) {
    const plugin::ActionType* type = built_plugins().find(name);
    for (const json::Value* schema : {&type->action_schema, &type->module_schema}) {
      const json::Value* properties = schema->find("properties");
      if (properties == nullptr) continue;
      for (const auto& [member, value] : properties->members()) {
        const std::string description = value.string_or("description");
        EXPECT_TRUE(description.ends_with(".")) << name << " " << member << ": " << description;
      }
    }
  }
}

TEST(PluginDocs, ATableSaysTypeDefaultAndMeaning) {
  const auto schema = json::parse(
      R"({"required": ["u"], "definitions": {"s": {"type": "string", "x-secret": true}},
          "properties": {
            "u": {"type": "string", "x-template": "url", "description": "a|b."},
            "e": {"enum": ["x", "y"], "default": "x", "description": "E."},
            "l": {"type": "array", "maxItems": 3, "items": {"$ref": "#/definitions/s"}},
            "n": {"type": "integer", "minimum": 0, "maximum": 9, "default": 7},
            "d": {"type": "string", "pattern": "^[1-9][0-9]{0,8}(ms|s|m|h)$", "default": "5s"},
            "o": {"type": "object", "additionalProperties": {"type": "string", "x-template": "header"}},
            "j": {"type": ["object", "string"], "x-template": "json"}}})",
      Code::ActionSettings);
  EXPECT_EQ(settings_table(*schema),
            "| name | type | default | meaning |\n|---|---|---|---|\n"
            "| `u` | template | required | a\\|b. |\n"
            "| `e` | `x` `y` | `x` | E. |\n"
            "| `l` | up to 3 of secret |  |  |\n"
            "| `n` | integer 0 to 9 | `7` |  |\n"
            "| `d` | duration | `5s` |  |\n"
            "| `o` | object of template |  |  |\n"
            "| `j` | object, string; templates |  |  |\n");
  EXPECT_EQ(settings_table(json::Value::object()), "none\n");
}

}  // namespace
}  // namespace observerd::testing
