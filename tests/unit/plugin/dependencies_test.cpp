#include "plugin/dependencies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "plugin/linker_cache.hpp"
#include "unit/plugin/fixtures.hpp"

namespace observerd::plugin {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kLibrary = "libfixture_dependency.so";

std::vector<std::string> names(const fs::path& file, const LinkerPaths& paths) {
  const auto missing = missing_libraries(file, paths);
  if (!missing) return {missing.status().message()};
  std::vector<std::string> out;
  for (const MissingLibrary& one : *missing) out.push_back(one.name);
  return out;
}

fs::path library() {
  return fs::path(OBSERVERD_BUILD_DIR) / "tests/plugins/elsewhere" / kLibrary;
}

/// A cache of one library, as ldconfig writes it.
std::string cache_of(const std::string& name, const std::string& path) {
  const auto word = [](std::uint32_t value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
  };
  std::string out = "glibc-ld.so.cache1.1";
  out += word(1) + word(0);
  for (int i = 0; i < 5; ++i) out += word(0);
  const auto strings = static_cast<std::uint32_t>(out.size() + 24);
  const auto path_at = static_cast<std::uint32_t>(strings + name.size() + 1);
  out += word(0x303) + word(strings) + word(path_at) + word(0) + word(0) + word(0);
  return out + name + '\0' + path + '\0';
}

TEST(PluginDependencies, ThoseOfThisSystemAreFoundWithoutLoading) {
  EXPECT_THAT(names(fixture_path("good"), LinkerPaths::process()), IsEmpty());
  LinkerPaths unloaded = LinkerPaths::process();
  unloaded.loaded.clear();
  EXPECT_THAT(names(fixture_path("sdk"), unloaded), IsEmpty()) << "libstdc++ and what it needs";
  unloaded.cache = "/nowhere";
  EXPECT_THAT(names(fixture_path("sdk"), unloaded), IsEmpty()) << "in the default directories";
}

TEST(PluginDependencies, AMissingOneIsNamedWithWhatWouldHelp) {
  TempDirectory directory;
  const fs::path file = directory.add_fixture("missing_dependency");
  const auto missing = missing_libraries(file, LinkerPaths::process());
  ASSERT_TRUE(missing.ok()) << missing.status().to_string();
  ASSERT_EQ(missing->size(), 1U);
  EXPECT_EQ(missing->front().needed_by, file);
  EXPECT_THAT(check_libraries(file, *missing).to_string(),
              AllOf(HasSubstr("OB016"), HasSubstr(file.string()), HasSubstr(kLibrary),
                    HasSubstr("ldconfig")));
  EXPECT_TRUE(check_libraries(file, {}).ok());
}

TEST(PluginDependencies, DirectoriesAndTheCacheAreSearched) {
  const fs::path file = fixture_path("missing_dependency");
  LinkerPaths paths = LinkerPaths::process();
  paths.directories = {"/nowhere", library().parent_path()};
  EXPECT_THAT(names(file, paths), IsEmpty());
  paths.directories = {};
  paths.defaults.push_back(library().parent_path());
  EXPECT_THAT(names(file, paths), IsEmpty());

  TempDirectory directory;
  paths = LinkerPaths::process();
  paths.cache = directory.write("cache", cache_of(kLibrary, library()));
  EXPECT_THAT(names(file, paths), IsEmpty());
  paths.cache = directory.write("cache", "old" + cache_of(kLibrary, library()));
  EXPECT_THAT(names(file, paths), IsEmpty()) << "behind one of the older format";
}

TEST(PluginDependencies, WhatIsNoLibraryOfThisMachineIsPassedOver) {
  TempDirectory directory;
  directory.write(kLibrary, "text");
  LinkerPaths paths = LinkerPaths::process();
  paths.directories = {directory.path()};
  EXPECT_THAT(names(fixture_path("missing_dependency"), paths), ElementsAre(kLibrary));
  paths.directories.push_back(library().parent_path());
  EXPECT_THAT(names(fixture_path("missing_dependency"), paths), IsEmpty());
}

TEST(PluginDependencies, ADamagedCacheKnowsNoLibrary) {
  const std::string cache = cache_of("a.so", "/a.so");
  EXPECT_THAT(cached_paths(cache, "a.so"), ElementsAre("/a.so"));
  EXPECT_THAT(cached_paths(cache, "b.so"), IsEmpty());
  for (std::size_t size = 0; size < cache.size(); ++size) {
    EXPECT_THAT(cached_paths(cache.substr(0, size), "a.so"), IsEmpty()) << size;
  }
  for (std::size_t at = 20; at < cache.size(); ++at) {
    std::string damaged = cache;
    damaged[at] = '\xff';
    (void)cached_paths(damaged, "a.so");
  }
}

/// A plugin that brings its library along: as a program it would find it beside itself.
TEST(PluginDependencies, OriginDoesNotPointToAPluginsDirectory) {
  TempDirectory directory;
  const fs::path file = directory.add_fixture("beside_itself");
  directory.write(kLibrary, read_file(library()));
  const auto missing = missing_libraries(file, LinkerPaths::process());
  ASSERT_TRUE(missing.ok());
  ASSERT_EQ(missing->size(), 1U);
  EXPECT_TRUE(missing->front().by_origin);
  EXPECT_THAT(check_libraries(file, *missing).to_string(), HasSubstr("$ORIGIN"));
  RecordingServices services;
  const auto registry = load(directory, services);
  ASSERT_EQ(registry->entries().front()->path, file);
  EXPECT_THAT(registry->entries().front()->reason.to_string(), HasSubstr(kLibrary))
      << "the loader agrees";
}

TEST(PluginDependencies, WhatIsNoElfFileIsSaid) {
  TempDirectory directory;
  const auto missing = missing_libraries(directory.write("a.so", "text"), LinkerPaths::process());
  ASSERT_FALSE(missing.ok());
  EXPECT_THAT(missing.status().message(), HasSubstr("no ELF file"));
}

}  // namespace
}  // namespace observerd::plugin
