#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "artefact.hpp"
#include "support/postgres.hpp"

/// The plugins of sdk/examples, built against the installed SDK, in a running daemon.
namespace observerd::testing {
namespace {

namespace fs = std::filesystem;

struct Example {
  const char* type;
  const char* artefact;
};
constexpr Example kExamples[] = {{"spool_c", "c/c/spool_c.so"},
                                 {"spool_cpp", "cpp/build/plugins/spool_cpp.so"},
                                 {"spool_batch", "batch/build/plugins/spool_batch.so"},
                                 {"spool_async", "async/build/plugins/spool_async.so"},
                                 {"spool_rust", "rust/rust/spool_rust.so"}};
constexpr std::size_t kNotes = 40;

std::vector<std::string> sorted_lines(const fs::path& file) {
  std::ifstream stream(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  return lines;
}

/// One observer with an action of each example, each with a file of its own.
std::string observe_notes(const fs::path& directory) {
  std::string actions;
  for (const Example& example : kExamples) {
    actions += (actions.empty() ? "" : ", ") + std::string(R"({"type": ")") + example.type +
               R"(", "line": "{{ id }} {{ body }}", "file": ")" +
               (directory / example.type).string() + R"("})";
  }
  return R"({"plugins": {"trusted_directories": [")" + (directory / "plugins").string() +
         R"("]}, "observers": [{"name": "spool", "entity": "Note", "actions": [)" + actions +
         "]}]}";
}

TEST(SdkExamples, EachDeliversAndRejectsInADaemon) {
  Installation installation(fresh_database());
  run_sql(installation.database(), "CREATE TABLE notes (id int PRIMARY KEY, body text)");
  installation.capture("notes", "Note");
  for (const Example& example : kExamples) drop_in(installation, artefact(example.artefact));
  installation.configure(observe_notes(installation.directory()));
  Daemon daemon(installation);
  daemon.wait_until_ready();

  run_sql(installation.database(),
          "INSERT INTO notes SELECT i, 'caf\u00e9 \"' || i || '\" \\ \t.' "
          "FROM generate_series(1, 40) i");
  run_sql(installation.database(), "INSERT INTO notes VALUES (99, E'two\\nlines')");

  std::vector<std::string> expected;
  for (std::size_t i = 1; i <= kNotes; ++i) {
    expected.push_back(std::to_string(i) + " caf\u00e9 \"" + std::to_string(i) + "\" \\ \t.");
  }
  std::sort(expected.begin(), expected.end());
  for (const Example& example : kExamples) {
    const fs::path file = installation.directory() / example.type;
    EXPECT_TRUE(eventually([&] { return sorted_lines(file).size() >= kNotes; })) << example.type;
    EXPECT_EQ(sorted_lines(file), expected) << example.type << daemon.log();
  }
  const char* rejected =
      "SELECT count(*) FROM observer.observer_dlq_items WHERE error_code = 'broken_line'";
  EXPECT_TRUE(eventually([&] {
    return scalar(installation.database(), rejected) == std::to_string(std::size(kExamples));
  })) << daemon.log();
  EXPECT_EQ(daemon.stop(), 0) << daemon.log();
}

}  // namespace
}  // namespace observerd::testing
