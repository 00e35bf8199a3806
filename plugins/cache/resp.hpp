#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/wire_reader.hpp"

/// RESP2, the protocol of Redis (https://redis.io/docs/reference/protocol-spec/): what is sent is a
/// list of texts, what comes back a value.
namespace observerd::cache {

struct Reply {
  enum class Type : unsigned char { Status, Error, Integer, Text, Nothing, List };
  Type type = Type::Nothing;
  std::string text;  ///< of Status ("OK"), Error ("WRONGTYPE …") and Text
  std::int64_t number = 0;
  std::vector<Reply> items;

  bool is_error() const { return type == Type::Error; }
};

/// How much one reply may hold, all its parts together.
struct ReplyBounds {
  std::size_t bytes = std::size_t{32} * 1024 * 1024;
  std::size_t values = 1'000'000;
  int depth = 8;
};

/// nullopt when the source ended, or when it is no reply or exceeds the bounds: reader
/// .is_malformed() then.
std::optional<Reply> read_reply(WireReader& reader, const ReplyBounds& bounds = {});

/// Appends a command as it is sent.
void encode_command(std::string& out, const std::vector<std::string>& words);

/// As redis-cli takes it: words in quotes where they need them. For people.
std::string command_text(const std::vector<std::string>& words);

}  // namespace observerd::cache
