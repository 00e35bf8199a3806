#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <exception>

#include "scenario.hpp"

/// Every file of tests/scenario is a test of its own, named by the file, in the suite it names.
namespace {

using observerd::testing::Scenario;
using observerd::testing::ScenarioFile;

class ScenarioTest : public ::testing::Test {
 public:
  explicit ScenarioTest(const ScenarioFile& file) : file_(file) {}
  void TestBody() override {
    SCOPED_TRACE(file_.title);
    Scenario(file_).play();
  }

 private:
  const ScenarioFile& file_;
};

std::vector<ScenarioFile> read_all() {
  std::vector<ScenarioFile> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(OBSERVERD_SOURCE_DIR "/tests/scenario")) {
    if (entry.path().extension() == ".json") {
      files.push_back(observerd::testing::read_scenario(entry.path()));
    }
  }
  std::sort(files.begin(), files.end(), [](const ScenarioFile& a, const ScenarioFile& b) {
    return std::tie(a.suite, a.name) < std::tie(b.suite, b.name);
  });
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  try {
    static const std::vector<ScenarioFile> files = read_all();
    for (const ScenarioFile& file : files) {
      ::testing::RegisterTest(file.suite.c_str(), file.name.c_str(), nullptr, nullptr, __FILE__,
                              __LINE__,
                              [&file]() -> ::testing::Test* { return new ScenarioTest(file); });
    }
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "%s\n", problem.what());
    return 1;
  }
  return RUN_ALL_TESTS();
}
