// The main file and conf.d as they lie on a disk.
#include <sys/stat.h>

#include <fstream>

#include "config/files.hpp"
#include "config_test_support.hpp"

namespace observerd::config {
namespace {

namespace fs = std::filesystem;
using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ConfigFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "observerd-config-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { fs::remove_all(directory_); }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name) << text;
  }
  Loaded load_main() const {
    Loaded out;
    out.configuration = load(directory_ / "main.json", environment(), out.diagnostics);
    return out;
  }
  static std::string level(const std::string& word) {
    return "{\"log\":{\"level\":\"" + word + "\"}}";
  }

  fs::path directory_;
};

TEST_F(ConfigFiles, FragmentsMergeInNameOrderAndOthersAreLeftAlone) {
  write("main.json", with(""));
  write("conf.d/20.json", level("error"));
  write("conf.d/10.json", level("debug"));
  write("conf.d/.30.json", level("trace"));
  write("conf.d/30.json.bak", "not JSON");
  write("conf.d/README", "not JSON");
  const Loaded loaded = load_main();
  ASSERT_THAT(loaded.errors(), IsEmpty());
  EXPECT_EQ(loaded.settings().log.level, "error");
}

TEST_F(ConfigFiles, AMissingMainFileIsNamedAndFragmentsAreCheckedAllTheSame) {
  write("conf.d/10.json", level("loud"));
  const Loaded loaded = load_main();
  ASSERT_EQ(loaded.errors().size(), 2u);
  EXPECT_EQ(loaded.errors()[0], "OB001 " + (directory_ / "main.json").string() +
                                    ": cannot be read: No such file or directory");
  EXPECT_THAT(loaded.errors()[1], HasSubstr("10.json:1:17 /log/level"));
  EXPECT_FALSE(loaded.configuration.has_value());
}

TEST_F(ConfigFiles, ADirectoryOrAPipeIsRefusedWithoutWaiting) {
  write("main.json", with(""));
  fs::create_directories(directory_ / "conf.d/10.json");
  ASSERT_EQ(::mkfifo((directory_ / "conf.d/20.json").c_str(), 0600), 0);
  const Loaded loaded = load_main();
  ASSERT_EQ(loaded.errors().size(), 2u);
  for (const std::string& error : loaded.errors()) {
    EXPECT_THAT(error, HasSubstr("cannot be read: not a regular file"));
  }
}

TEST_F(ConfigFiles, ATextBeyondTheLimitIsRefused) {
  write("x", "12345");
  EXPECT_EQ(*read_text_file(directory_ / "x", 5), "12345");
  EXPECT_EQ(read_text_file(directory_ / "x", 4).status().message(), "larger than 4 bytes");
}

TEST(Config, TheProcessEnvironmentIsRead) {
  const Environment environment = Environment::process();
  EXPECT_TRUE(environment.variable("PATH").has_value());
  EXPECT_FALSE(environment.variable("OBSERVERD_NO_SUCH_VARIABLE").has_value());
}

}  // namespace
}  // namespace observerd::config
