// What a runner process may send: bytes in pieces, through the frame reader, then through every
// message's decoder. What decodes must encode to a message that decodes to the same again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "plugin/runner/frame.hpp"
#include "plugin/runner/messages.hpp"

namespace {

namespace message = observerd::plugin::message;
using observerd::plugin::FrameReader;

/// Limits far below the real ones, so that they are met.
constexpr std::size_t max_body = 4096;

void check(bool promise) {
  if (!promise) std::abort();
}

template <typename Message>
void round_trip(std::string_view body) {
  const auto decoded = Message::decode(body);
  if (!decoded) return;
  const std::string again = decoded->encode();
  const auto twice = Message::decode(again);
  check(twice.has_value() && twice->encode() == again);
}

void decode_as_everything(std::string_view body) {
  round_trip<message::Load>(body);
  round_trip<message::Greeting>(body);
  round_trip<message::Open>(body);
  round_trip<message::ActionRequest>(body);
  round_trip<message::Answer>(body);
  round_trip<message::Deliver>(body);
  round_trip<message::Said>(body);
  if (const auto item = message::DeliveryItem::decode(body)) {
    check(message::DeliveryItem::decode(message::DeliveryItem::encode(item->action, item->item))
              .has_value());
  }
  if (const auto report = message::ItemReport::decode(body)) {
    check(report->result.message.size() <= 1024 && report->result.retry_after.count() >= 0);
    check(message::ItemReport::decode(message::ItemReport::encode(report->index, report->result))
              .has_value());
  }
  if (const auto problems = message::decode_problems(body)) {
    for (const observerd::Status& problem : *problems) check(!problem.ok());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  decode_as_everything(bytes);
  FrameReader reader(max_body);
  const std::size_t piece = data[0] + std::size_t{1};
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.feed(bytes.substr(at, piece));
    for (;;) {
      auto frame = reader.next();
      if (!frame) {
        check(!reader.next().ok());
        return 0;
      }
      if (!frame->has_value()) break;
      check((*frame)->body.size() <= max_body);
      decode_as_everything((*frame)->body);
    }
  }
  return 0;
}
