#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "render_with.hpp"
#include "support/conformance.hpp"

namespace observerd::templates {
namespace {

json::Value read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  Result<json::Value> value = json::parse(text, Code::BadEvent);
  EXPECT_TRUE(value.ok()) << path << ": " << value.status().to_string();
  return value ? std::move(*value) : json::Value();
}

/// The modules of the specification that a template here must pass as they are, without exception.
/// Not run, because the language leaves them out and the parser says so (see
/// TemplateSyntax.WhatMustacheHasBeyondUsIsNamed): partials, delimiters, and the optional ~lambdas,
/// ~inheritance and ~dynamic-names.
class MustacheSuite : public ::testing::TestWithParam<const char*> {};

TEST_P(MustacheSuite, EveryCaseOfThePublicSpecificationHolds) {
  const auto folder = testing::conformance_folder("mustache", OBSERVERD_CONFORMANCE_DEFAULT);
  if (folder.empty()) {
    GTEST_SKIP() << "the Mustache suite is not there: put the folder specs/ of "
                    "https://github.com/mustache/spec at $OBSERVERD_CONFORMANCE_DIR/mustache";
  }
  const json::Value document = read_json(folder / GetParam());
  const json::Value* tests = document.find("tests");
  ASSERT_NE(tests, nullptr);
  ASSERT_GT(tests->items().size(), 10U);
  for (const json::Value& test : tests->items()) {
    SCOPED_TRACE(test.string_or("name") + ": " + test.string_or("desc"));
    EXPECT_EQ(render_with(json::write(*test.find("data")), test.string_or("template"), Escape::Html,
                          Missing::Empty),
              test.string_or("expected"));
  }
}

INSTANTIATE_TEST_SUITE_P(Modules, MustacheSuite,
                         ::testing::Values("comments.json", "interpolation.json", "sections.json",
                                           "inverted.json"),
                         [](const auto& info) {
                           const std::string name = info.param;
                           return name.substr(0, name.find('.'));
                         });

}  // namespace
}  // namespace observerd::templates
