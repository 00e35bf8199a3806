#include <gtest/gtest.h>

#include "cache/endpoint.hpp"
#include "cache/glob.hpp"
#include "cache/resp.hpp"
#include "cache/slots.hpp"

/// What is read and written, without a server.
namespace observerd::cache {
namespace {

class Bytes final : public ByteSource {
 public:
  Bytes(std::string bytes, std::size_t piece) : bytes_(std::move(bytes)), piece_(piece) {}
  bool receive(std::string& buffer) override {
    buffer += bytes_.substr(0, piece_);
    const bool has_some = !bytes_.empty();
    bytes_.erase(0, piece_);
    return has_some;
  }

 private:
  std::string bytes_;
  const std::size_t piece_;
};

TEST(CacheWire, RepliesAreTheSameHoweverTheyAreCut) {
  const std::string bytes =
      "+OK\r\n-ERR no\r\n:-7\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n"
      "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    Bytes source(bytes, piece);
    WireReader reader(source);
    EXPECT_EQ(read_reply(reader)->text, "OK");
    EXPECT_TRUE(read_reply(reader)->is_error());
    EXPECT_EQ(read_reply(reader)->number, -7);
    EXPECT_EQ(read_reply(reader)->text, "a\r\n");
    EXPECT_EQ(read_reply(reader)->type, Reply::Type::Nothing);
    EXPECT_EQ(read_reply(reader)->type, Reply::Type::Nothing);
    EXPECT_EQ(read_reply(reader)->items.at(1).items.at(0).text, "k");
    EXPECT_FALSE(read_reply(reader));
    EXPECT_FALSE(reader.is_malformed()) << "it ended between replies";
  }
}

TEST(CacheWire, WhatIsNoReplyOrTooLargeIsMalformed) {
  for (const char* const bytes : {"\r\n", "hello\r\n", ":x\r\n", "$-2\r\n", "$3\r\nabcde\r\n",
                                  "+OK\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", "$41\r\n", "*9\r\n"}) {
    Bytes source(bytes, 100);
    WireReader reader(source);
    EXPECT_FALSE(read_reply(reader, {40, 8, 3})) << bytes;
    EXPECT_TRUE(reader.is_malformed()) << bytes;
  }
}

TEST(CacheWire, CommandsAreWrittenWithTheirLengths) {
  std::string out;
  encode_command(out, {"SET", "a b", ""});
  EXPECT_EQ(out, "*3\r\n$3\r\nSET\r\n$3\r\na b\r\n$0\r\n\r\n");
  EXPECT_EQ(command_text({"SET", "a\"b\n", "plain"}), R"(SET "a\"b\x0a" plain)");
}

TEST(CacheWire, SlotsAreThoseOfTheSpecification) {
  EXPECT_EQ(slot_of("123456789"), 0x31c3) << "the check value of CRC16";
  EXPECT_EQ(slot_of("foo"), 12182);
  EXPECT_EQ(slot_of("{user1000}.following"), slot_of("user1000"));
  EXPECT_EQ(slot_of("foo{{bar}}zap"), slot_of("{bar"));
  EXPECT_EQ(slot_of("foo{bar}{zap}"), slot_of("bar"));
  EXPECT_NE(slot_of("foo{}{bar}"), slot_of("bar")) << "an empty hash tag is none";
}

TEST(CacheWire, RedirectionsSayWhere) {
  const Endpoint asked{"redis.example", 6379};
  EXPECT_EQ(parse_redirection("MOVED 3999 127.0.0.1:6381", asked)->node.text(), "127.0.0.1:6381");
  EXPECT_EQ(parse_redirection("MOVED 3999 ::1:6381", asked)->node.text(), "[::1]:6381");
  EXPECT_EQ(parse_redirection("ASK 3999 :6381", asked)->node.text(), "redis.example:6381");
  EXPECT_TRUE(parse_redirection("ASK 3999 :6381", asked)->is_ask);
  for (const char* const text : {"MOVED 16384 a:1", "MOVED 1 a", "MOVED 1 a/b:1", "MOVED 1 a:0",
                                 "MOVED", "ERR MOVED 1 a:1", "MOVED x a:1"}) {
    EXPECT_FALSE(parse_redirection(text, asked)) << text;
  }
}

TEST(CacheWire, EndpointsAreReadInEachForm) {
  EXPECT_EQ(parse_endpoint("a.example", 6379)->text(), "a.example:6379");
  EXPECT_EQ(parse_endpoint("a.example:1", 6379)->text(), "a.example:1");
  EXPECT_EQ(parse_endpoint("::1", 6379)->text(), "[::1]:6379");
  EXPECT_EQ(parse_endpoint("[::1]:7", 6379)->text(), "[::1]:7");
  for (const char* const text : {"", "a:", "a:0", "a:65536", "a b", "[::1", "[::1]7", "a@b:1"}) {
    EXPECT_FALSE(parse_endpoint(text, 6379)) << text;
  }
}

TEST(CacheWire, APatternAsARegularExpressionHoldsNothingElse) {
  EXPECT_EQ(glob_to_regex("/a*?"), "^/a.*.$");
  EXPECT_EQ(glob_to_regex("/a\\*\\?"), "^/a\\x2a\\x3f$");
  EXPECT_EQ(glob_to_regex("/[a-c]x"), "^/[a-c]x$");
  EXPECT_EQ(glob_to_regex("/[^a]"), "^/[^a]$");
  EXPECT_EQ(glob_to_regex("/[]"), "^/(?!)$") << "matches nothing";
  EXPECT_EQ(glob_to_regex("/.+( |)\""), "^/\\x2e\\x2b\\x28\\x20\\x7c\\x29\\x22$");
}

}  // namespace
}  // namespace observerd::cache
