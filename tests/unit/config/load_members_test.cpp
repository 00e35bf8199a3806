#include <fstream>

#include "config_test_support.hpp"

namespace observerd::config {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A configuration in a file of its own.
class ConfigMembers : public ::testing::Test {
 protected:
  ConfigMembers() {
    std::string pattern = ::testing::TempDir() + "config_members_XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~ConfigMembers() override { std::filesystem::remove_all(directory_); }

  Loaded load(const std::string& text, const std::vector<std::string>& members) const {
    std::ofstream(directory_ / "f.json") << text;
    Loaded out;
    out.configuration =
        load_members(directory_ / "f.json", environment({{"URL", "postgresql://e/d"}}), members,
                     out.diagnostics);
    return out;
  }

  std::filesystem::path directory_;
};

constexpr const char* kElsewhere = R"({
  "database": { "url_env": "URL" },
  "plugins": { "directories": [{"env": "NO"}], "sha256": {"t": {"file": "/none"}} },
  "admin": { "listen": "0.0.0.0:9810", "token": {"credential": "tok"} },
  "entities": { "E": {"table": "t", "key": [{"env": "NO"}]} },
  "observers": [ { "name": "o", "entity": "E", "events": [{"env": "NO"}], "when_env": "NO",
                   "actions": [{"type": "t", "on_failure": {"env": "NO"}}] } ]
})";

TEST_F(ConfigMembers, ReferencesOfTheOthersAreNotFollowed) {
  const Loaded loaded = load(kElsewhere, {"database"});
  ASSERT_THAT(loaded.errors(), IsEmpty());
  EXPECT_EQ(loaded.settings().database.url, "postgresql://e/d");
  EXPECT_EQ(loaded.settings().admin->listen, "0.0.0.0:9810");
  EXPECT_EQ(loaded.settings().observers.at(0).name, "o");
  EXPECT_EQ(loaded.settings().observers.at(0).when, "");
}

TEST_F(ConfigMembers, ThoseThatAreUsedAre) {
  EXPECT_THAT(load(kElsewhere, {"database", "observers"}).errors(),
              AllOf(Contains(HasSubstr("/observers/0/events/0: ")),
                    Contains(HasSubstr("/observers/0/when_env: ")),
                    Contains(HasSubstr("/observers/0/actions/0/on_failure: ")),
                    Not(Contains(HasSubstr("/admin"))), Not(Contains(HasSubstr("/plugins")))));
  EXPECT_THAT(load(kElsewhere, {"admin"}).errors(), ElementsAre(HasSubstr("/admin/token: ")));
  EXPECT_THAT(load(kElsewhere, {"plugins", "entities"}).errors(),
              AllOf(Contains(HasSubstr("/plugins/directories/0: ")),
                    Contains(HasSubstr("/plugins/sha256/t: ")),
                    Contains(HasSubstr("/entities/E/key/0: "))));
}

TEST_F(ConfigMembers, WhatIsWrongWithoutFollowingIsStillReported) {
  const std::string file = directory_ / "f.json";
  EXPECT_THAT(
      load(R"({"database":{"url":"postgresql://h/d"},"admin":{"token":{"env":3}}})", {"database"})
          .errors(),
      ElementsAre("OB001 " + file + ":1:57 /admin/token: \"env\" must be a string, is a number"));
  EXPECT_THAT(
      load(R"({"database":{},"admin":{"listen":"0.0.0.0:1"}})", {"database"}).errors().size(), 2u);
}

}  // namespace
}  // namespace observerd::config
