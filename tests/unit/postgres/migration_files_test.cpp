#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "postgres/migrations.hpp"
#include "postgres/quote.hpp"

namespace observerd::postgres {
namespace {

namespace fs = std::filesystem;

class MigrationFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "observerd-migrations-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { fs::remove_all(directory_); }
  void put(const std::string& name, const std::string& text) {
    std::ofstream(directory_ / name) << text;
  }
  std::string message() { return read_migrations(directory_).status().message(); }

  fs::path directory_;
};

TEST_F(MigrationFiles, AreReadInNumberOrderWithTheirSha256) {
  put("02_b.sql", "two");
  put("01_a.sql", "abc");
  put("README.md", "not a migration");
  const Result<std::vector<Migration>> found = read_migrations(directory_);
  ASSERT_TRUE(found.ok()) << found.status().to_string();
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ(found->at(0).number, 1);
  EXPECT_EQ(found->at(0).name, "01_a.sql");
  EXPECT_EQ(found->at(0).sql, "abc");
  EXPECT_EQ(found->at(0).checksum,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2
}

TEST_F(MigrationFiles, GapsDoublesAndWrongNamesAreErrors) {
  EXPECT_NE(message().find("there are no migrations"), std::string::npos);
  put("01_a.sql", "");
  put("03_c.sql", "");
  EXPECT_NE(message().find("migration 02 is missing"), std::string::npos);
  put("02_b.sql", "");
  put("02_c.sql", "");
  EXPECT_NE(message().find("two migrations have the number 02"), std::string::npos);
  put("x.sql", "");
  EXPECT_NE(message().find("x.sql is not named NN_name.sql"), std::string::npos);
}

TEST_F(MigrationFiles, MissingDirectoryIsAnError) {
  EXPECT_NE(read_migrations(directory_ / "none").status().message().find("cannot read"),
            std::string::npos);
}

TEST(Quote, IdentifiersAndLiterals) {
  EXPECT_EQ(quote_identifier("a\"b"), R"("a""b")");
  EXPECT_EQ(quote_literal("it's"), "'it''s'");
  EXPECT_EQ(quote_literal("a\\'b"), R"(E'a\\''b')");
}

}  // namespace
}  // namespace observerd::postgres
