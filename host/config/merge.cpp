#include "config/merge.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>

#include "config/references.hpp"
#include "config/words.hpp"

namespace observerd::config {
namespace {

bool is_section(std::string_view name) {
  static constexpr std::string_view kSections[] = {"database", "plugins", "defaults", "runtime",
                                                   "admin",    "log",     "entities"};
  return std::find(std::begin(kSections), std::end(kSections), name) != std::end(kSections);
}

bool appends(std::string_view pointer) {
  return pointer == "/observers" || pointer == "/plugins/directories";
}

void check_members(const Reading& reading, const json::Value& value, const std::string& pointer) {
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      check_members(reading, value.items()[i], json::join_pointer(pointer, i));
    }
  }
  if (!value.is_object()) return;
  std::unordered_map<std::string_view, json::Origin> seen;
  for (const auto& [name, member] : value.members()) {
    const std::string below = json::join_pointer(pointer, name);
    const auto [first, is_new] = seen.emplace(name, member.origin());
    if (!is_new) {
      const Place before = reading.sources.name_place(name, first->second);
      reading.diagnostics.add(
          Status::error(Code::Configuration, "the member " + in_quotes(name) +
                                                 " is there twice in one object, first at " +
                                                 before.to_string())
              .at(reading.sources.name_place(name, member.origin(), below)));
    }
    check_members(reading, member, below);
  }
}

/// An object that stands for a string. Where names of the user's own are members, an entity or a
/// type may well be called "file": never there.
bool is_reference(const json::Value& value, std::string_view pointer) {
  static constexpr std::string_view kMaps[] = {"/plugins/settings",  "/plugins/modules",
                                               "/plugins/isolation", "/plugins/sha256",
                                               "/plugins/required",  "/entities"};
  const bool section = pointer.find('/', 1) == std::string_view::npos;
  return !section && std::find(std::begin(kMaps), std::end(kMaps), pointer) == std::end(kMaps) &&
         looks_like_reference(value);
}

/// Removes what `name` takes the place of: `x_env` that of `x`, `x` that of `x_env`.
void remove_other_form(json::Value& base, const std::string& name, const json::Value& value) {
  const std::string_view long_form = short_form_base(name);
  const std::string other =
      !long_form.empty() && value.is_string() ? std::string(long_form) : name + "_env";
  const json::Value* there = base.find(other);
  // A name that only looks like a short form, such as that of a type, holds no string.
  if (there == nullptr || (long_form.empty() && !there->is_string())) return;
  auto& members = base.members();
  members.erase(std::remove_if(members.begin(), members.end(),
                               [&](const json::Member& member) { return member.first == other; }),
                members.end());
}

void merge(json::Value& base, json::Value later, const std::string& pointer) {
  if (base.is_array() && later.is_array() && appends(pointer)) {
    for (json::Value& item : later.items()) base.push_back(std::move(item));
    return;
  }
  if (!base.is_object() || !later.is_object() || is_reference(base, pointer) ||
      is_reference(later, pointer)) {
    base = std::move(later);
    return;
  }
  for (auto& [name, value] : later.members()) {
    if (json::Value* there = base.find(name)) {
      merge(*there, std::move(value), json::join_pointer(pointer, name));
    } else {
      remove_other_form(base, name, value);
      base.members().emplace_back(name, std::move(value));
    }
  }
}

}  // namespace

bool check_document(const Reading& reading, json::Value& document) {
  check_members(reading, document, "");
  if (!document.is_object()) {
    reading.problem(document, "", must_be("an object", document));
    document = json::Value::object();
    return false;
  }
  auto& members = document.members();
  const auto wrong =
      std::remove_if(members.begin(), members.end(), [&](const json::Member& member) {
        const auto& [name, value] = member;
        const bool array = name == "observers";
        if (array ? value.is_array() : !is_section(name) || value.is_object()) return false;
        reading.problem(value, json::join_pointer("", name),
                        must_be(array ? "an array" : "an object", value));
        return true;
      });
  const bool all_right = wrong == members.end();
  members.erase(wrong, members.end());
  return all_right;
}

void merge_document(json::Value& base, json::Value later) {
  merge(base, std::move(later), "");
}

}  // namespace observerd::config
