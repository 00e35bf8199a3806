#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "observerd/plugin.hpp"

/// The SDK's reader of JSON beside the host's: what both take is the same to both.
namespace observerd {
namespace {

bool same(const sdk::Json& ours, const json::Value& theirs) {
  if (static_cast<int>(ours.type()) != static_cast<int>(theirs.type())) return false;
  if (theirs.is_boolean()) return ours.boolean() == theirs.as_boolean();
  if (theirs.is_string() || theirs.is_number()) return ours.text() == theirs.text();
  if (theirs.is_array()) {
    if (ours.items().size() != theirs.items().size()) return false;
    for (std::size_t i = 0; i < ours.items().size(); ++i) {
      if (!same(ours.items()[i], theirs.items()[i])) return false;
    }
  }
  if (theirs.is_object()) {
    // A name that is there twice is one member to the host.
    if (ours.members().size() < theirs.members().size()) return false;
    for (const json::Member& member : theirs.members()) {
      const sdk::Json* mine = ours.find(member.first);
      if (mine == nullptr || !same(*mine, member.second)) return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace observerd

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace observerd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string problem;
  const auto ours = sdk::Json::parse(text, &problem);
  const auto theirs = json::parse(text, Code::Configuration);
  if (ours) {
    ours->integer();
    ours->number();
  } else if (problem.empty()) {
    std::abort();
  }
  // The host also checks UTF-8. Half a surrogate pair is no text; RapidJSON 1.1 lets the second
  // half pass alone.
  const bool half = problem.rfind("half a surrogate pair", 0) == 0;
  if (theirs && !half && (!ours || !same(*ours, *theirs))) std::abort();
  const std::string quoted = sdk::json_quoted(text);
  const auto back = sdk::Json::parse(quoted);
  if (!back || back->text() != text) std::abort();
  return 0;
}
