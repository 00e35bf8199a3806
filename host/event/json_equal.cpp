#include <algorithm>
#include <vector>

#include "event/decimal.hpp"

namespace observerd {
namespace {

using MemberList = std::vector<const json::Member*>;

/// The members that count (of a repeated name the last one), by name. Sorted rather than searched
/// one by one: an object of a hundred thousand members must not cost its square.
MemberList effective_members(const json::Value& object) {
  MemberList members;
  members.reserve(object.members().size());
  for (const json::Member& member : object.members()) members.push_back(&member);
  std::stable_sort(members.begin(), members.end(),
                   [](const auto* a, const auto* b) { return a->first < b->first; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i + 1 < members.size() && members[i]->first == members[i + 1]->first) continue;
    members[kept++] = members[i];
  }
  members.resize(kept);
  return members;
}

bool objects_equal(const json::Value& a, const json::Value& b) {
  const MemberList left = effective_members(a);
  const MemberList right = effective_members(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const auto* x, const auto* y) {
                      return x->first == y->first && json_equal(x->second, y->second);
                    });
}

}  // namespace

bool json_equal(const json::Value& a, const json::Value& b) {
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case json::Type::Null:
      return true;
    case json::Type::Boolean:
      return a.as_boolean() == b.as_boolean();
    case json::Type::Number:
      return a.text() == b.text() || compare_numbers(a.text(), b.text()) == 0;
    case json::Type::String:
      return a.text() == b.text();
    case json::Type::Array:
      return std::equal(a.items().begin(), a.items().end(), b.items().begin(), b.items().end(),
                        json_equal);
    case json::Type::Object:
      return objects_equal(a, b);
  }
  return false;
}

}  // namespace observerd
