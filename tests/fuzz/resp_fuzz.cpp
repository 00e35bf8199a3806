// What a Redis server may answer: bytes in pieces of every size, through the reader of replies with
// bounds that are met, and through what reads addresses and slots from them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cache/glob.hpp"
#include "cache/resp.hpp"
#include "cache/slots.hpp"

namespace {

using namespace observerd::cache;

/// Far below the real ones, so that they are met.
constexpr ReplyBounds kBounds{4'096, 200, 4};

void check(bool promise) {
  if (!promise) std::abort();
}

/// Gives the bytes in pieces of one size.
class Pieces final : public ByteSource {
 public:
  Pieces(std::string_view bytes, std::size_t size) : bytes_(bytes), size_(size) {}
  bool receive(std::string& buffer) override {
    if (bytes_.empty()) return false;
    const std::string_view piece = bytes_.substr(0, size_);
    buffer += piece;
    bytes_.remove_prefix(piece.size());
    return true;
  }

 private:
  std::string_view bytes_;
  const std::size_t size_;
};

struct Sum {
  std::size_t bytes = 0;
  std::size_t values = 0;
};

Sum sum_of(const Reply& reply, int depth) {
  check(depth >= 0);
  Sum sum{reply.text.size(), 1};
  for (const Reply& item : reply.items) {
    const Sum part = sum_of(item, depth - 1);
    sum.bytes += part.bytes;
    sum.values += part.values;
  }
  return sum;
}

void use(const Reply& reply) {
  const Sum sum = sum_of(reply, kBounds.depth);
  check(sum.bytes <= kBounds.bytes && sum.values <= kBounds.values);
  const Endpoint asked{"host", 6379};
  if (const auto redirection = parse_redirection(reply.text, asked)) {
    check(redirection->slot >= 0 && redirection->slot < kSlots);
    check(is_host(redirection->node.host) && redirection->node.port > 0);
    check(parse_endpoint(redirection->node.text(), 1).has_value());
  }
  if (const auto map = SlotMap::parse(reply, asked)) {
    for (const Endpoint& node : map->nodes()) check(node.port > 0 && node.port <= 65'535);
  }
  const int slot = slot_of(reply.text);
  check(slot >= 0 && slot < kSlots);
  for (const char c : glob_to_regex(reply.text)) check(c > ' ' && c < 0x7f);
}

/// How many replies there are, however the bytes are cut.
int read_all(std::string_view bytes, std::size_t size) {
  Pieces pieces(bytes, size);
  WireReader reader(pieces);
  int count = 0;
  while (const auto reply = read_reply(reader, kBounds)) {
    use(*reply);
    ++count;
  }
  if (reader.is_malformed()) check(!read_reply(reader, kBounds));
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const int whole = read_all(bytes, bytes.size() + 1);
  check(read_all(bytes, data[0] % 64 + std::size_t{1}) == whole);
  return 0;
}
