#include "event/trace_parent.hpp"

#include <gtest/gtest.h>

#include "event/event.hpp"

namespace observerd {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kRest = "-" + kTrace + "-00f067aa0ba902b7-";

TEST(TraceParent, WhatTheSpecificationAllowsIsPassedOn) {
  const struct {
    std::string given, passed_on;
  } cases[] = {
      {"00" + kRest + "01", "00" + kRest + "01"},
      {"00" + kRest + "00", "00" + kRest + "00"},
      {"00" + kRest + "ff", "00" + kRest + "ff"},
      {"cc" + kRest + "01", "00" + kRest + "01"},
      {"cc" + kRest + "fe-what-the-future-will-be-like", "00" + kRest + "00"},
  };
  for (const auto& one : cases) EXPECT_EQ(valid_trace_parent(one.given), one.passed_on);
}

TEST(TraceParent, EverythingElseIsIgnored) {
  const std::string bad[] = {
      "",
      "00",
      "00" + kRest + "0",
      "00" + kRest + "01-more",
      "00" + kRest + "01 ",
      "00" + kRest + "01\r\nX-Evil: 1",
      "cc" + kRest + "01.more",
      "ff" + kRest + "01",
      "0g" + kRest + "01",
      "00" + kRest + "0g",
      "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
      "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
      "00-" + kTrace + "-0000000000000000-01",
      "00_" + kTrace + "-00f067aa0ba902b7-01",
      "00-" + kTrace + "x00f067aa0ba902b7-01",
  };
  for (const std::string& one : bad) EXPECT_EQ(valid_trace_parent(one), "") << one;
}

TEST(TraceParent, NamesItsTrace) {
  EXPECT_EQ(trace_id("00" + kRest + "01"), kTrace);
  EXPECT_EQ(trace_id(""), "");
}

TEST(TraceParent, AnEventKeepsOnlyAValidOne) {
  const std::string event = R"({"kind":"insert","entity":"Order","id":"1","new":{"id":1},)";
  const auto good = parse_event(event + R"("traceparent":"00)" + kRest + "01\"}");
  ASSERT_TRUE(good.ok()) << good.status().to_string();
  EXPECT_EQ(good->trace_parent, "00" + kRest + "01");
  const auto bad = parse_event(event + R"("traceparent":"nonsense"})");
  ASSERT_TRUE(bad.ok());
  EXPECT_EQ(bad->trace_parent, "");
}

}  // namespace
}  // namespace observerd
