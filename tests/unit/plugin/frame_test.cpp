#include "plugin/runner/frame.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin/runner/messages.hpp"
#include "plugin/runner/wire.hpp"

namespace observerd::plugin {
namespace {

using ::testing::HasSubstr;

TEST(PluginFrame, ComesWholeOutOfAnyPieces) {
  const std::string bytes = encode_frame(FrameKind::Deliver, 7, "first") +
                            encode_frame(FrameKind::Done, UINT64_MAX, "") +
                            encode_frame(FrameKind::Log, 0, std::string(1000, 'x'));
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{17}, bytes.size()}) {
    FrameReader reader(1000);
    std::vector<Frame> frames;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      reader.feed(std::string_view(bytes).substr(at, piece));
      for (auto next = reader.next(); next->has_value(); next = reader.next()) {
        frames.push_back(**std::move(next));
      }
    }
    ASSERT_EQ(frames.size(), 3U) << piece;
    EXPECT_EQ(frames[0].kind, FrameKind::Deliver);
    EXPECT_EQ(frames[0].id, 7U);
    EXPECT_EQ(frames[0].body, "first");
    EXPECT_EQ(frames[1].id, UINT64_MAX);
    EXPECT_EQ(frames[2].body.size(), 1000U);
  }
}

TEST(PluginFrame, OverTheLimitIsRefusedBeforeItArrives) {
  FrameReader reader(999);
  reader.feed(encode_frame(FrameKind::Log, 0, std::string(1000, 'x')).substr(0, 16));
  EXPECT_THAT(reader.next().status().to_string(), HasSubstr("1000 bytes; the limit is 999"));
  reader.feed(encode_frame(FrameKind::Done, 1, ""));
  EXPECT_FALSE(reader.next().ok()) << "nobody knows where the next frame begins";
}

TEST(PluginFrame, OfAnUnknownKindIsRefused) {
  for (const std::uint32_t kind : {0U, 13U, 31U, 39U, UINT32_MAX}) {
    FrameReader reader(100);
    reader.feed(Encoder().u32(0).u32(kind).u64(1).take());
    EXPECT_THAT(reader.next().status().to_string(), HasSubstr("unknown kind"));
  }
}

// Every message cut short at every length, and with a byte too many, is no message.
template <typename Message>
void expect_exact(const std::string& bytes) {
  ASSERT_TRUE(Message::decode(bytes).has_value());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Message::decode(std::string_view(bytes).substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(Message::decode(bytes + "x").has_value());
}

TEST(PluginMessage, IsExactlyItsBytes) {
  message::Greeting greeting;
  greeting.facts.name = "n";
  greeting.facts.types.resize(2);
  expect_exact<message::Greeting>(greeting.encode());
  message::Answer answer;
  answer.problems = {Status::error(Code::ActionSettings, "bad").note("a").note("b")};
  answer.text = "preview";
  expect_exact<message::Answer>(answer.encode());
  expect_exact<message::Open>(message::Open{"t", "{}", 3}.encode());
  expect_exact<message::Load>(message::Load{"/p", "ab"}.encode());
  expect_exact<message::ActionRequest>(message::ActionRequest{1, "{}"}.encode());
  expect_exact<message::Deliver>(message::Deliver{1, 2, true}.encode());
  expect_exact<message::DeliveryItem>(message::DeliveryItem::encode(1, Item{}));
  expect_exact<message::ItemReport>(message::ItemReport::encode(1, ItemResult{}));
  expect_exact<message::Said>(message::Said{1, "text", 2, {{"k", "v"}}}.encode());
}

TEST(PluginMessage, KeepsProblemsWithTheirPlaceAndNotes) {
  Place place;
  place.pointer = "/url";
  const auto read = message::decode_problems(
      message::encode_problems({Status::error(Code::ActionSettings, "bad").at(place).note("why")}));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->at(0).to_string(), "OB005 /url: bad\n    why");
}

TEST(PluginMessage, AProblemIsNeverOk) {
  const std::string bytes = Encoder().u32(1).u32(0).text("fine").text("").u32(0).take();
  const auto read = message::decode_problems(bytes);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->at(0).code(), Code::PluginMisbehaved);
}

TEST(PluginMessage, CountsReserveNothing) {
  EXPECT_FALSE(message::decode_problems(Encoder().u32(UINT32_MAX).take()).has_value());
  EXPECT_FALSE(
      message::Deliver::decode(Encoder().u32(UINT32_MAX).i64(0).u32(0).take()).has_value());
}

TEST(PluginMessage, ResultsOfARunnerAreMadeSafe) {
  const std::string bytes = Encoder()
                                .u32(4)
                                .u32(99)
                                .i64(-5)
                                .text(std::string(100, 'c'))
                                .text("\xFF" + std::string(5000, 'm'))
                                .text("id")
                                .take();
  const auto report = message::ItemReport::decode(bytes);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->result.outcome, Outcome::Retry);
  EXPECT_EQ(report->result.retry_after.count(), 0);
  EXPECT_EQ(report->result.code.size(), 64U);
  EXPECT_LE(report->result.message.size(), 1024U);
  EXPECT_EQ(report->result.message.substr(0, 3), "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace observerd::plugin
