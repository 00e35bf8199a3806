#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json.hpp"
#include "base/strings.hpp"
#include "event/event.hpp"
#include "templates/template.hpp"

// The first byte chooses the place and what missing means; the rest is a template, a zero byte, and
// the row it meets. Whatever they are, rendering ends with a text or an OB008, and its text keeps
// the promises of its place.

namespace {

using namespace observerd;
using templates::Escape;
using templates::Missing;

bool has_control(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) return true;
  }
  return false;
}

void require(bool promise) {
  if (!promise) std::abort();
}

void check(const templates::Template& parsed, const Event& event, Escape escape, Missing missing) {
  const templates::Context context{event, "observer", "delivery", 1};
  const Result<std::string> text = parsed.render(context, missing);
  if (!text) {
    require(text.status().code() == Code::Template && !text.status().message().empty());
  } else {
    require(is_valid_utf8(*text));
    require((escape != Escape::Header && escape != Escape::Url) || !has_control(*text));
    const Result<std::string> again = parsed.render(context, missing);
    require(again.ok() && *again == *text);
  }
  const Result<json::Value> value = parsed.render_value(context, missing);
  require(value.ok() || value.status().code() == Code::Template);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto escape = static_cast<Escape>(data[0] % 7);
  const Missing missing = (data[0] & 0x80) != 0 ? Missing::Empty : Missing::Error;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t split = input.find('\0');
  const std::string_view text = input.substr(0, split);

  const auto parsed = templates::Template::parse(text, escape);
  if (!parsed) {
    require(parsed.status().code() == Code::Template);
    return 0;
  }
  Event event;
  event.entity = "Order";
  event.new_row = json::Value::object(
      {{"a", json::Value::string("<&>\"'\n../x")},
       {"n", json::Value::number("-12.50e1")},
       {"d", json::Value::string("2026-01-31T12:00:00+02")},
       {"l", json::Value::array({json::Value::boolean(true), json::Value::string("")})}});
  if (split != std::string_view::npos) {
    Result<json::Value> row = json::parse(input.substr(split + 1), Code::BadEvent);
    if (row) event.new_row = std::move(*row);
  }
  check(*parsed, event, escape, missing);
  return 0;
}
