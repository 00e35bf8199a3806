// Events, times, paths and numbers of any bytes: no crash, and what was read reads the same again
// when it is written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "event/decimal.hpp"
#include "event/event.hpp"
#include "event/path.hpp"

namespace {

using namespace observerd;

void require(bool promise) {
  if (!promise) std::abort();
}

void check_event(std::string_view text) {
  const auto event = parse_event(text);
  if (!event) {
    require(event.status().code() == Code::BadEvent && !event.status().message().empty());
    return;
  }
  const std::string written = event_json(*event);
  const auto again = parse_event(written);
  require(again.ok());
  require(event_json(*again) == written);
}

/// A row takes what the JSON reader takes, and means the same.
void check_row(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return;
  const auto row = Row::parse(text, Code::BadEvent);
  const auto values = json::parse(text, Code::BadEvent);
  require(row.ok() == values.ok());
  if (row.ok())
    require(json_equal(**row, *values) && row->nodes().front().end == row->nodes().size());
}

void check_time(std::string_view text) {
  const auto time = parse_time(text);
  if (time) require(parse_time(format_time(*time)).has_value());
}

void check_path(std::string_view text) {
  const auto path = parse_path(text, Code::Template);
  if (!path) return;
  const auto again = parse_path(path->to_string(), Code::Template);
  require(again.ok() && *again == *path);
}

/// The input is split where the two numbers are.
void check_numbers(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return;
  const std::string_view a = text.substr(0, space);
  const std::string_view b = text.substr(space + 1);
  if (!is_number_literal(a) || !is_number_literal(b)) return;
  const auto order = compare_numbers(a, b);
  require(compare_numbers(b, a) == (0 <=> order));
  const std::string canonical = canonical_number(a);
  require(is_number_literal(canonical) && compare_numbers(canonical, a) == 0);
  require((canonical == canonical_number(b)) == (order == 0));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check_event(input);
  check_row(input);
  check_time(input);
  check_path(input);
  check_numbers(input);
  return 0;
}
