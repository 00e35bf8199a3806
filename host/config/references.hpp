#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/status.hpp"
#include "config/load.hpp"

/// Values that stand elsewhere: {"env": "NAME"}, {"file": "path"}, {"credential": "name"}, each
/// with an optional "prefix", and the short form `x_env` for `x`.
namespace observerd::config {

/// An object with a member "env", "file" or "credential". Whether it is one, and not data, is for
/// the place to say.
bool looks_like_reference(const json::Value& value);

/// What a reference stands for.
struct Referenced {
  std::string text;    ///< with the prefix
  std::string secret;  ///< without it
};

/// OB001 when the shape of a reference is wrong, wherever it leads.
Status check_reference(const json::Value& reference);

/// Errors are OB001 and name the variable, file or credential; they have no place. A relative file
/// is looked for beside the file that names it.
Result<Referenced> read_reference(const json::Value& reference, const Environment& environment,
                                  const Sources& sources);
Result<Referenced> read_variable(const std::string& name, const Environment& environment);

/// "url" for "url_env"; "" for a name that does not end so.
std::string_view short_form_base(std::string_view name);

}  // namespace observerd::config
