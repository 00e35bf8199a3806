#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/json.hpp"
#include "files.hpp"
#include "support/daemon.hpp"
#include "support/postgres.hpp"

/// What editors are given: `observerd schema` with the plugins that are loaded, and the example of
/// `plugins info`.
namespace observerd::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

json::Value parsed(const std::string& text) {
  json::ParseOptions options;
  options.comments = true;
  auto value = json::parse(text, Code::Configuration, options);
  EXPECT_TRUE(value.ok()) << value.status().to_string();
  return value.ok() ? *std::move(value) : json::Value::object();
}

/// What the schema says against each document, a line each.
std::string validate(const fs::path& directory, const json::Value& schema,
                     const json::Value& documents) {
  const fs::path file = directory / "validate.json";
  write_file(file,
             json::write(json::Value::object({{"schema", schema}, {"documents", documents}})));
  const std::string command = "python3 '" OBSERVERD_SOURCE_DIR "/tests/unit/config/validate.py' '" +
                              file.string() + "' 2>&1";
  std::string out;
  FILE* const answers = ::popen(command.c_str(), "r");
  if (answers == nullptr) return "no python3";
  for (int c = std::fgetc(answers); c != EOF; c = std::fgetc(answers)) out += static_cast<char>(c);
  ::pclose(answers);
  return out;
}

TEST(ConfigurationSchemaCommand, AcceptsTheExamplesAndNamesEachTypesSettings) {
  if (std::system("python3 -c 'import jsonschema' 2>/dev/null") != 0) {
    GTEST_SKIP() << "needs python3-jsonschema";
  }
  const Installation installation(fresh_database());
  const json::Value schema = parsed(installation.must({"schema"}));
  json::Value documents = json::Value::array();
  const fs::path config = OBSERVERD_SOURCE_DIR "/config";
  for (const char* const name : {"observerd.json", "examples/demo.json",
                                 "examples/first-webhook.json", "examples/orders.json"}) {
    std::ifstream stream(config / name);
    documents.push_back(parsed({std::istreambuf_iterator<char>(stream), {}}));
    EXPECT_NE(documents.items().back().find("$schema"), nullptr) << name;
  }
  EXPECT_EQ(validate(installation.directory(), schema, documents), "\n\n\n\n");

  json::Value bad = json::Value::array();
  for (const std::string action :
       {R"({"type": "webhook"})", R"({"type": "webhook", "url": "https://x", "metod": "PUT"})",
        R"({"type": "webhook", "url": "https://x", "method": "PUTT"})", R"({"type": "nobody"})"}) {
    bad.push_back(parsed(R"({"database": {"url": "postgresql:///d"}, "observers":
      [{"name": "o", "entity": "E", "actions": [)" +
                         action + "]}]}"));
  }
  const std::string verdicts = validate(installation.directory(), schema, bad);
  EXPECT_THAT(verdicts,
              ::testing::AllOf(HasSubstr("metod"), HasSubstr("PUTT"), HasSubstr("nobody")));
  EXPECT_EQ(verdicts.find("\n\n"), std::string::npos) << verdicts;
}

TEST(ConfigurationSchemaCommand, WorksWhileTheConfigurationIsWrittenOrMissing) {
  Installation installation(fresh_database());
  installation.configure(R"({"observers": [{"name": "half done"}], "unknown": 1})");
  EXPECT_THAT(installation.must({"schema"}), HasSubstr("\"action-webhook\""));
  fs::remove(installation.config_file());
  EXPECT_THAT(installation.must({"schema"}), HasSubstr("draft-07"));
}

TEST(PluginsInfo, TheExampleIsAWholeConfigurationThatIsRight) {
  Installation installation(fresh_database());
  for (const std::string type : {"webhook", "log", "null"}) {
    const json::Value info = parsed(installation.must({"plugins", "info", type, "--json"}));
    ASSERT_NE(info.find("example"), nullptr);
    json::Value example = *info.find("example");
    ASSERT_TRUE(example.is_object()) << type;
    EXPECT_THAT(installation.must({"plugins", "info", type}),
                HasSubstr(json::write_pretty(example)));
    example.members().erase(example.members().begin());  // the database of this installation counts
    installation.configure(json::write(example));
    const CommandResult checked = installation.cli({"check"});
    EXPECT_EQ(checked.exit, 0) << type << checked.err << json::write(example);
  }
}

}  // namespace
}  // namespace observerd::testing
