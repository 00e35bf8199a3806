#include "app/admin_call.hpp"

#include <algorithm>

#include "base/strings.hpp"

namespace observerd::app {

AdminCall::AdminCall(const admin::ApiRequest& request, const std::vector<std::string>& members,
                     WallTime now)
    : body_(request.body), values_(to_arguments(request)), reader_(values_, now, "") {
  for (const auto& [name, value] : body_.members()) {
    if (std::find(members.begin(), members.end(), name) == members.end()) {
      reader_.problem("there is no member \"" + name + "\"" + did_you_mean(name, members));
    }
  }
}

/// Strings and numbers of the body count as arguments; lists and flags have readers of their own.
views::Arguments AdminCall::to_arguments(const admin::ApiRequest& request) {
  views::Arguments out;
  for (const auto& [name, value] : request.query) out.emplace(name, value);
  for (const auto& [name, value] : request.body.members()) {
    if (value.is_string() || value.is_number()) out.emplace(name, value.text());
  }
  return out;
}

bool AdminCall::flag(const std::string& member) {
  const json::Value* value = body_.find(member);
  if (value == nullptr) return false;
  if (value->is_boolean()) return value->as_boolean();
  reader_.problem("\"" + member + "\" must be true or false");
  return false;
}

std::vector<std::string> AdminCall::strings(const std::string& member) {
  const json::Value* value = body_.find(member);
  std::vector<std::string> out;
  if (value == nullptr) return out;
  const bool list =
      value->is_array() && std::all_of(value->items().begin(), value->items().end(),
                                       [](const json::Value& item) { return item.is_string(); });
  if (!list) {
    reader_.problem("\"" + member + "\" must be a list of strings");
    return out;
  }
  for (const json::Value& item : value->items()) out.push_back(item.text());
  return out;
}

std::vector<Uuid> AdminCall::ids(const std::string& member) {
  return reader_.ids(strings(member));
}

Uuid AdminCall::path_id(const admin::ApiRequest& request) {
  const std::vector<Uuid> ids = reader_.ids({request.path.at("id")});
  return ids.empty() ? Uuid() : ids[0];
}

admin::Answer AdminCall::bad() const {
  return admin::Answer::bad_request(join(reader_.problems(), "; "));
}

}  // namespace observerd::app
