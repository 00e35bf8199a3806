#include <gtest/gtest.h>

#include <observerd/plugin.hpp>
#include <string>
#include <vector>

namespace observerd::sdk {
namespace {

/// Collects what a plugin says is wrong, as "POINTER: MESSAGE".
class Complaints {
 public:
  Complaints() {
    raw_.struct_size = sizeof raw_;
    raw_.context = this;
    raw_.add = [](const observerd_errors* self, observerd_str pointer, observerd_str message) {
      static_cast<Complaints*>(self->context)
          ->lines.push_back(std::string(to_view(pointer)) + ": " + std::string(to_view(message)));
    };
  }
  Errors& errors() { return errors_; }
  std::vector<std::string> lines;

 private:
  observerd_errors raw_{};
  Errors errors_{&raw_};
};

using Lines = std::vector<std::string>;
using std::chrono::milliseconds;

TEST(SdkSettings, AreReadByType) {
  Complaints said;
  Settings settings(R"({"host": "h", "port": 7, "ratio": 0.5, "on": true, "wait": "5m",
                        "tags": ["a", "b"], "tls": {"name": "n"}})",
                    said.errors());
  EXPECT_EQ(settings.string("host"), "h");
  EXPECT_EQ(settings.integer("port", 1, 65535), 7);
  EXPECT_EQ(settings.number("ratio", 1), 0.5);
  EXPECT_TRUE(settings.boolean("on", false));
  EXPECT_EQ(settings.duration("wait", milliseconds(1)), std::chrono::minutes(5));
  EXPECT_EQ(settings.strings("tags"), (Lines{"a", "b"}));
  EXPECT_EQ(settings.object("tls").string("name"), "n");
  EXPECT_TRUE(settings.has("host"));
  EXPECT_FALSE(settings.has("hots"));
  EXPECT_EQ(said.lines, Lines());
}

TEST(SdkSettings, FallBackWhereTheyAreMissing) {
  Complaints said;
  Settings settings("{}", said.errors());
  EXPECT_EQ(settings.string("host", "localhost"), "localhost");
  EXPECT_EQ(settings.integer("port", 1, 65535, 7000), 7000);
  EXPECT_EQ(settings.number("ratio", 0.25), 0.25);
  EXPECT_TRUE(settings.boolean("on", true));
  EXPECT_EQ(settings.duration("wait", milliseconds(3)), milliseconds(3));
  EXPECT_TRUE(settings.strings("tags").empty());
  EXPECT_EQ(settings.object("tls").string("name", "none"), "none");
  EXPECT_EQ(said.lines, Lines());
}

TEST(SdkSettings, SayEverythingThatIsWrongByItsPointer) {
  Complaints said;
  Settings settings(R"({"port": 70000, "host": 1, "ratio": "x", "on": 1, "wait": 5,
                        "tags": ["a", 2], "tls": {"name": false}, "list": {}, "inner": 3})",
                    said.errors());
  settings.string("user");
  settings.integer("count", 1, 9);
  settings.integer("port", 1, 65535);
  settings.string("host");
  settings.number("ratio", 1);
  settings.boolean("on", false);
  settings.duration("wait", milliseconds(1));
  settings.strings("tags");
  settings.object("tls").string("name");
  settings.strings("list");
  settings.object("inner").problem("", "is of no use");
  EXPECT_EQ(said.lines,
            (Lines{"/user: is required", "/count: is required",
                   "/port: must be a whole number from 1 to 65535", "/host: must be a string",
                   "/ratio: must be a number", "/on: must be true or false",
                   "/wait: must be a duration such as \"250ms\", \"30s\", \"5m\", \"1h\" or \"7d\"",
                   "/tags/1: must be a string", "/tls/name: must be a string",
                   "/list: must be an array of strings", "/inner: must be an object",
                   "/inner: is of no use"}));
  EXPECT_FALSE(said.errors().ok());
}

TEST(SdkSettings, MustBeAnObjectOfJson) {
  for (const auto& [text, line] :
       {std::pair{"", ": malformed JSON: not a JSON value at byte 0"},
        std::pair{"[]", ": must be an object"},
        std::pair{"{\"s\": \"secret", ": malformed JSON: a string does not end at byte 13"}}) {
    Complaints said;
    Settings settings(text, said.errors());
    EXPECT_EQ(settings.string("a", "b"), "b");
    EXPECT_EQ(said.lines, Lines{line});
  }
}

TEST(SdkSettings, DurationsAreThoseOfTheConfiguration) {
  struct Case {
    const char* text;
    std::int64_t milliseconds;  // -1: refused
  };
  for (const auto& [text, expected] :
       {Case{"0s", 0}, Case{"250ms", 250}, Case{"30s", 30'000}, Case{"2h", 7'200'000},
        Case{"7d", 604'800'000}, Case{"", -1}, Case{"5", -1}, Case{"s", -1}, Case{"-1s", -1},
        Case{"1.5s", -1}, Case{"1 s", -1}, Case{"1w", -1}, Case{"99999999999999999999s", -1},
        Case{"9223372036854775807d", -1}}) {
    Complaints said;
    Settings settings(R"({"wait": ")" + std::string(text) + R"("})", said.errors());
    EXPECT_EQ(settings.duration("wait", milliseconds(-1)), milliseconds(expected)) << text;
    EXPECT_EQ(said.errors().ok(), expected >= 0) << text;
  }
}

}  // namespace
}  // namespace observerd::sdk
