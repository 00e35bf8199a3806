#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "plugin/registry.hpp"

namespace observerd::check {

/// Settings to open a module and bind an action with.
struct TrialSettings {
  json::Value module, action;
};

/// What --config says, by action type: {"TYPE": {"module": {…}, "action": {…}}}.
using GivenSettings = std::map<std::string, TrialSettings>;
/// Errors are OB001 with the place.
Result<GivenSettings> read_given_settings(const std::string& path);

/// Settings to try for a type, best first: the given ones, and no others; or generated ones that
/// fit the schemas.
std::vector<TrialSettings> good_settings(const plugin::ActionType& type,
                                         const GivenSettings& given);

/// One setting made wrong, and where.
struct BadSettings {
  std::string pointer;  ///< of the member that is wrong
  std::string text;
};
/// Each member in turn of a wrong type, a missing and an unknown one.
std::vector<BadSettings> bad_settings(const json::Value& good, const json::Value& schema);
/// Texts that are no settings at all, noise, and what is left of good ones after random damage; the
/// same ones every time.
std::vector<std::string> random_settings(const std::string& good);
/// Settings of a mebibyte each: one long text, a longer one for each text that is there,
/// a long list.
std::vector<std::string> huge_settings(const json::Value& good);

/// The members of these settings that are templates, rendered for an event, as an item has them.
Result<std::string> rendered_settings(const plugin::ActionType& type, const json::Value& action);

}  // namespace observerd::check
