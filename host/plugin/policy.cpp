#include "plugin/policy.hpp"

#include <algorithm>

#include "base/strings.hpp"
#include "plugin/negotiation.hpp"

namespace observerd::plugin {
namespace {

Status compare(const std::string& name, const std::string& pinned,
               const std::filesystem::path& file, const std::string& sha256) {
  if (ascii_iequals(pinned, sha256)) return {};
  return Status::error(
             Code::PluginLoad,
             "\"" + file.string() + "\" is not the file that is pinned for \"" + name + "\"")
      .note("configured sha256: " + pinned)
      .note("sha256 of the file: " + sha256);
}

}  // namespace

std::string_view isolation_name(Isolation isolation) {
  return isolation == Isolation::Process ? "process" : "in-process";
}

bool stem_suggests(std::string_view stem, std::string_view name) {
  if (stem == name) return true;
  for (const std::string_view prefix : {"lib", "observerd-", "observerd_", "libobserverd-"}) {
    if (stem.substr(0, prefix.size()) == prefix && stem.substr(prefix.size()) == name) return true;
  }
  return false;
}

std::optional<Isolation> isolation_by_stem(const Policy& policy, std::string_view stem) {
  for (const auto& [name, isolation] : policy.isolation) {
    if (stem_suggests(stem, name)) return isolation;
  }
  return std::nullopt;
}

std::optional<Isolation> isolation_by_types(const Policy& policy, const PluginFacts& facts) {
  std::optional<Isolation> isolation;
  for (const TypeFacts& type : facts.types) {
    const auto found = policy.isolation.find(type.type);
    if (found == policy.isolation.end()) continue;
    if (!isolation || found->second == Isolation::Process) isolation = found->second;
  }
  return isolation;
}

Status check_pins_of_stem(const Policy& policy, const std::filesystem::path& file,
                          const std::string& sha256) {
  const std::string stem = file.stem().string();
  for (const auto& [name, pinned] : policy.sha256) {
    if (!stem_suggests(stem, name)) continue;
    if (Status bad = compare(name, pinned, file, sha256); !bad.ok()) return bad;
  }
  return {};
}

Status check_pin_of_type(const Policy& policy, const std::string& type,
                         const std::filesystem::path& file, const std::string& sha256) {
  const auto pin = policy.sha256.find(type);
  return pin == policy.sha256.end() ? Status() : compare(type, pin->second, file, sha256);
}

bool types_may_be_pinned(const Policy& policy, std::string_view stem, const std::string& sha256) {
  return std::any_of(policy.sha256.begin(), policy.sha256.end(), [&](const auto& pin) {
    return !stem_suggests(stem, pin.first) && !ascii_iequals(pin.second, sha256);
  });
}

}  // namespace observerd::plugin
