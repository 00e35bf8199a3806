#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "files.hpp"
#include "support/daemon.hpp"
#include "support/eventually.hpp"
#include "support/postgres.hpp"

/// runtime.watch: plugin files that come, change and are no plugins, below a running host.
namespace observerd::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

std::size_t count_of(const std::string& part, const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

/// An observer of inserts whose action is of the type "good", which may be missing.
class PluginFiles : public ::testing::Test {
 protected:
  PluginFiles() : installation_(fresh_database()) {
    run_sql(installation_.database(), "CREATE TABLE item (id int PRIMARY KEY)");
    installation_.capture("item", "Item");
    configure(R"("required": {"good": false})");
  }

  void configure(const std::string& plugins) {
    installation_.configure(R"({"runtime": {"watch": true}, "plugins": {)" + plugins + R"(},
      "observers": [{"name": "o", "entity": "Item", "actions": [{"type": "good"}]}]})");
  }

  fs::path file(const std::string& name) const {
    return installation_.directory() / "plugins" / name;
  }
  void write(const std::string& name, const std::string& bytes) const {
    write_file(file(name), bytes);
  }
  void insert(int from, int to) const {
    run_sql(installation_.database(), "INSERT INTO item SELECT generate_series(" +
                                          std::to_string(from) + ", " + std::to_string(to) + ")");
  }
  std::string scheduled() const {
    return scalar(installation_.database(), "SELECT count(*) FROM observer.retries");
  }
  std::string processed() const {
    return scalar(installation_.database(),
                  "SELECT count(*) FROM observer.observer_events WHERE status = 'processed'");
  }
  bool comes_to_log(const Daemon& daemon, const std::string& part) const {
    return eventually([&] { return daemon.log().find(part) != std::string::npos; });
  }

  Installation installation_;
};

TEST_F(PluginFiles, APluginThatAppearsIsTakenUpAndWhatWaitedForItFlows) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  insert(1, 3);
  ASSERT_TRUE(eventually([&] { return scheduled() == "3"; })) << daemon.log();
  EXPECT_THAT(installation_.must({"deliveries", "list"}), HasSubstr("blocked: plugin good"));

  write("bad.so", "this is no shared library\n");
  ASSERT_TRUE(comes_to_log(daemon, "/bad.so\" is no ELF file")) << daemon.log();
  EXPECT_EQ(scheduled(), "3");

  const std::string bytes = fixture_bytes("good");
  std::ofstream copy(file("good.so"), std::ios::binary);
  copy << bytes.substr(0, bytes.size() / 2) << std::flush;
  copy << bytes.substr(bytes.size() / 2) << std::flush;
  copy.close();
  fs::permissions(file("good.so"), fs::perms(0644));
  ASSERT_TRUE(comes_to_log(daemon, "plugin files were taken up")) << daemon.log();
  ASSERT_TRUE(eventually([&] { return scheduled() == "0"; })) << daemon.log();
  insert(4, 5);
  ASSERT_TRUE(eventually([&] { return processed() == "5"; })) << daemon.log();
  EXPECT_THAT(daemon.log(), Not(HasSubstr("truncated")));
  EXPECT_EQ(count_of("/bad.so\" is no ELF file", daemon.log()), 1u) << daemon.log();
  EXPECT_THAT(installation_.must({"status"}), HasSubstr("/bad.so\" is no ELF file"));
  EXPECT_EQ(daemon.stop(), 0);
}

TEST_F(PluginFiles, AFileReplacedBelowARunningHostIsUsedAfterARestart) {
  installation_.add_plugin("good");
  configure(R"("isolation": {"good": "in-process"})");
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  write("new", fixture_bytes("hangs"));
  fs::rename(file("new"), file("good.so"));
  ASSERT_TRUE(comes_to_log(daemon, "/good.so\" has changed since")) << daemon.log();
  ASSERT_TRUE(eventually([&] {
    return installation_.must({"status", "--json"}).find("\"replaced\": []") == std::string::npos;
  }));
  EXPECT_THAT(installation_.must({"status"}), HasSubstr("restart observerd to use"));
  insert(1, 2);
  ASSERT_TRUE(eventually([&] { return processed() == "2"; })) << daemon.log();

  write("bad.so", "");
  ASSERT_TRUE(comes_to_log(daemon, "/bad.so\" is no ELF file")) << daemon.log();
  EXPECT_EQ(count_of("/good.so\" has changed since", daemon.log()), 1u) << daemon.log();
  EXPECT_EQ(daemon.stop(), 0);
}

/// A process of its own can be replaced by another: no restart.
TEST_F(PluginFiles, AFileOfAPluginInAProcessOfItsOwnIsUsedAtOnce) {
  installation_.add_plugin("good");
  configure(R"("isolation": {"good": "process"})");
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  insert(1, 1);
  ASSERT_TRUE(eventually([&] { return processed() == "1"; })) << daemon.log();
  write("new", fixture_bytes("duplicate"));  // another file with the same type
  fs::rename(file("new"), file("good.so"));
  ASSERT_TRUE(comes_to_log(daemon, "plugin files were taken up")) << daemon.log();
  insert(2, 2);
  ASSERT_TRUE(eventually([&] { return processed() == "2"; })) << daemon.log();
  EXPECT_THAT(daemon.log(), Not(HasSubstr("has changed since")));
  EXPECT_EQ(daemon.stop(), 0);
}

TEST_F(PluginFiles, AFileThatGoesBadStopsNothing) {
  installation_.add_plugin("good");
  configure("");
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  write("new", "half a plug");
  fs::rename(file("new"), file("good.so"));
  ASSERT_TRUE(comes_to_log(daemon, "are refused, what runs goes on")) << daemon.log();
  EXPECT_THAT(daemon.log(), HasSubstr("/good.so\" is no ELF file"));
  insert(1, 1);
  ASSERT_TRUE(eventually([&] { return processed() == "1"; })) << daemon.log();
  EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace observerd::testing
