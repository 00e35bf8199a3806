#include "app/views/arguments.hpp"

#include <gtest/gtest.h>

namespace observerd::app::views {
namespace {

using std::chrono::hours;

const WallTime kNow{std::chrono::seconds(1'767'225'600)};  // 2026-01-01T00:00:00Z

TEST(ArgumentReader, ReadsTimesAsTheyAreAndAsAWhileAgo) {
  const Arguments arguments = {{"a", "2026-01-01T00:00:01Z"}, {"b", "2h"}, {"c", "7d"}};
  ArgumentReader reader(arguments, kNow);
  EXPECT_EQ(reader.time("a"), kNow + std::chrono::seconds(1));
  EXPECT_EQ(reader.time("b"), kNow - hours(2));
  EXPECT_EQ(reader.time("c"), kNow - hours(168));
  EXPECT_EQ(reader.time("d"), std::nullopt);
  EXPECT_TRUE(reader.problems().empty());
}

TEST(ArgumentReader, ReadsWordsFromAList) {
  const Arguments arguments = {{"one", "due"}, {"two", "due, held"}};
  ArgumentReader reader(arguments, kNow);
  EXPECT_EQ(reader.word("one", {"due", "held"}), "due");
  EXPECT_EQ(reader.words("two", {"due", "held"}), (std::vector<std::string>{"due", "held"}));
  EXPECT_EQ(reader.word("none", {"due"}), "");
  EXPECT_TRUE(reader.words("none", {"due"}).empty());
  EXPECT_TRUE(reader.problems().empty());
}

TEST(ArgumentReader, TellsAllProblemsUnderTheNameThatTheUserKnows) {
  const Arguments arguments = {{"state", "hold"}, {"statuses", "held,"}, {"since", "soon"},
                               {"older", "-1d"},  {"limit", "0"},        {"most", "12x"},
                               {"event", "17"}};
  ArgumentReader reader(arguments, kNow, "");
  reader.word("state", {"due", "held"});
  reader.words("statuses", {"due", "held"});
  reader.time("since");
  reader.duration("older");
  EXPECT_EQ(reader.number("limit", 100, 1, 1000), 100);
  reader.number("most", 100, 1, 1000);
  reader.id("event");
  reader.ids({"6f9619ff-8b86-5011-b42d-00cf4fc964ff", "x"});
  const std::vector<std::string> expected = {
      "state \"hold\" is none of due, held, did you mean \"held\"?",
      "statuses: \"\" is none of due, held",
      "since \"soon\" is no time such as 2026-01-31T12:00:00Z, nor a while ago such as 2h",
      "older \"-1d\" is no duration such as 90s, 12h or 30d",
      "limit \"0\" is no number from 1 to 1000",
      "most \"12x\" is no number from 1 to 1000",
      "event \"17\" is no id (36 characters, as the lists show it)",
      "\"x\" is no id (36 characters, as the lists show it)"};
  EXPECT_EQ(reader.problems(), expected);
}

}  // namespace
}  // namespace observerd::app::views
