#include "telemetry/log.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "base/json.hpp"
#include "telemetry/log_line.hpp"

namespace observerd::telemetry {
namespace {

using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

struct LineCase {
  std::string value;
  std::string text;  ///< as it stands after "key="
};

TEST(LogLine, KeepsAnyValueOnOneLineAndVisible) {
  const LineCase cases[] = {
      {"plain-word_1.2:3/4@5,6", "plain-word_1.2:3/4@5,6"},
      {"", "\"\""},
      {"two words", "\"two words\""},
      {"a\nlevel=error", "\"a\\nlevel=error\""},
      {"a\r\n\tb", "\"a\\r\\n\\tb\""},
      {std::string("nul\0byte", 8), "\"nul\\u0000byte\""},
      {"\x1b[31mred", "\"\\u001b[31mred\""},
      {"\x7f", "\"\\u007f\""},
      {"c1 \xc2\x9b", "\"c1 \\u009b\""},
      {"\xe2\x80\xa8line", "\"\\u2028line\""},
      {"\xe2\x80\xaetxt.exe", "\"\\u202etxt.exe\""},
      {"quote\" back\\slash", "\"quote\\\" back\\\\slash\""},
      {"é 漢 😀", "\"é 漢 😀\""},
      {"bad \xff\xc3", "\"bad \\ufffd\\ufffd\""},
      {"surrogate \xed\xa0\x80", "\"surrogate \\ufffd\\ufffd\\ufffd\""},
  };
  for (const LineCase& one : cases) {
    EXPECT_EQ(text_line("m", {{"key", one.value}}), "m key=" + one.text);
    const auto parsed =
        json::parse("{" + json_members("m", {{"key", one.value}}) + "}", Code::Storage);
    EXPECT_TRUE(parsed.ok()) << one.text;
  }
}

TEST(LogLine, EscapesTheMessageToo) {
  EXPECT_EQ(text_line("first\nsecond \x1b[2J", {}), "first\\nsecond \\u001b[2J");
}

TEST(LogLine, JsonGivesBackWhatWentIn) {
  const std::string value = "a\nb\t\"c\" \\ é \x1b";
  const auto parsed = json::parse("{" + json_members("m", {{"key", value}}) + "}", Code::Storage);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->string_or("key"), value);
}

TEST(LogLine, AKeyCannotForgeAnotherFieldOrLine) {
  EXPECT_EQ(text_line("m", {{"a=b c\nd", "1"}, {"", "2"}}), "m a_b_c_d=1 _=2");
  const auto parsed = json::parse(
      "{" +
          json_members("m",
                       {{"level", "x"}, {"time", "y"}, {"message", "z"}, {"k", "1"}, {"k", "2"}}) +
          "}",
      Code::Storage, {.reject_duplicates = true});
  ASSERT_TRUE(parsed.ok()) << parsed.status().to_string();
  EXPECT_EQ(parsed->string_or("message"), "m");
  EXPECT_EQ(parsed->string_or("level_"), "x");
  EXPECT_EQ(parsed->string_or("k"), "1");
  EXPECT_EQ(parsed->string_or("k_"), "2");
}

TEST(LogLine, CutsWhatIsTooLong) {
  const std::string line = text_line("m", {{"key", std::string(kMaxLogTextBytes + 10, 'x')}});
  EXPECT_LT(line.size(), kMaxLogTextBytes + 100);
  EXPECT_NE(line.find("(10 bytes more)"), std::string::npos);
}

std::string logged(const LogOptions& options, const std::function<void(Log&)>& body) {
  CaptureStderr();
  {
    Log log(options);
    body(log);
  }
  return GetCapturedStderr();
}

TEST(Log, JsonIsOneObjectALineWithAnRfc3339Time) {
  LogOptions options;
  options.json = true;
  const std::string out = logged(options, [](Log& log) {
    log.write(Level::Warn,
              Status::error(Code::ActionFailed, "it {failed} %v").note("n1").note("n2"),
              {{"event_id", "e"}});
  });
  ASSERT_EQ(std::count(out.begin(), out.end(), '\n'), 1);
  const auto parsed = json::parse(out, Code::Storage, {.reject_duplicates = true});
  ASSERT_TRUE(parsed.ok()) << out;
  EXPECT_EQ(parsed->string_or("message"), "it {failed} %v");
  EXPECT_EQ(parsed->string_or("code"), "OB006");
  EXPECT_EQ(parsed->string_or("event_id"), "e");
  EXPECT_EQ(parsed->string_or("note"), "n1\nn2");
  const std::string time = parsed->string_or("time");  // 2026-01-31T12:00:00.123+00:00
  ASSERT_EQ(time.size(), 29u) << time;
  EXPECT_EQ(time[10], 'T');
  EXPECT_EQ(time[19], '.');
  EXPECT_EQ(time[26], ':');
}

TEST(Log, JournalLinesBeginWithTheLevelOfSdDaemon) {
  LogOptions options;
  options.level = Level::Trace;
  options.journal = true;
  const std::string out = logged(options, [](Log& log) {
    for (const Level level : {Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error}) {
      log.write(level, "m");
    }
  });
  EXPECT_EQ(out, "<7>m\n<7>m\n<6>m\n<4>m\n<3>m\n");
}

TEST(Log, MasksMessagesAndValuesWhoeverWritesThem) {
  const std::string out = logged({}, [](Log& log) {
    log.set_mask([](std::string text) {
      const std::size_t at = text.find("hunter22");
      return at == std::string::npos ? text : text.replace(at, 8, "***");
    });
    log.write(Level::Info, "login with hunter22", {{"url", "https://x/hunter22"}});
    log.set_mask(nullptr);
    log.write(Level::Info, "none");
  });
  EXPECT_EQ(out.find("hunter22"), std::string::npos) << out;
  EXPECT_NE(out.find("login with ***"), std::string::npos) << out;
  EXPECT_NE(out.find("none"), std::string::npos);
}

TEST(Log, LeavesOutFieldsWithoutAValue) {
  const std::string out = logged({}, [](Log& log) {
    log.write(Level::Info, "m", {{"trace_id", ""}, {"event_id", "e"}});
  });
  EXPECT_NE(out.find("m event_id=e\n"), std::string::npos) << out;
}

TEST(Log, WritesNothingBelowItsLevel) {
  EXPECT_EQ(logged({Level::Error}, [](Log& log) { log.write(Level::Warn, "m"); }), "");
}

TEST(Log, LinesOfManyThreadsStayWhole) {
  const std::string out = logged({}, [](Log& log) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&log] {
        for (int n = 0; n < 50; ++n) log.write(Level::Info, "m", {{"x", std::string(200, 'y')}});
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 200);
}

TEST(Log, KnowsWhetherStandardErrorIsTheJournal) {
  struct stat status {};
  ASSERT_EQ(fstat(STDERR_FILENO, &status), 0);
  const std::string own = std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino);
  EXPECT_TRUE(stderr_is_journal(own));
  EXPECT_FALSE(stderr_is_journal(""));
  EXPECT_FALSE(stderr_is_journal("1:2"));
}

}  // namespace
}  // namespace observerd::telemetry
