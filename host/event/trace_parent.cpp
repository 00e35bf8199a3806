#include "event/trace_parent.hpp"

#include <algorithm>

namespace observerd {
namespace {

constexpr std::size_t kLength = 55;  // of version 00: 2-32-16-2
constexpr std::size_t kTraceId = 3, kTraceIdLength = 32;
constexpr std::size_t kParentId = 36, kParentIdLength = 16;
constexpr std::size_t kFlags = 53;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');  // lower case only: section 3.2.2
  });
}

bool is_id(std::string_view text) {
  return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

std::string valid_trace_parent(std::string_view text) {
  if (text.size() < kLength || text[2] != '-' || text[35] != '-' || text[52] != '-') return {};
  const std::string_view version = text.substr(0, 2);
  if (!is_hex(version) || version == "ff") return {};
  if (!is_id(text.substr(kTraceId, kTraceIdLength))) return {};
  if (!is_id(text.substr(kParentId, kParentIdLength))) return {};
  const std::string_view flags = text.substr(kFlags, 2);
  if (!is_hex(flags)) return {};
  if (version == "00") return text.size() == kLength ? std::string(text) : std::string();
  if (text.size() > kLength && text[kLength] != '-') return {};
  // Only "sampled" has the same meaning in each version (section 3.2.2.5).
  const bool sampled = std::string_view("13579bdf").find(flags[1]) != std::string_view::npos;
  return "00" + std::string(text.substr(2, kFlags - 2)) + (sampled ? "01" : "00");
}

std::string_view trace_id(std::string_view trace_parent) {
  return trace_parent.size() < kLength ? "" : trace_parent.substr(kTraceId, kTraceIdLength);
}

}  // namespace observerd
