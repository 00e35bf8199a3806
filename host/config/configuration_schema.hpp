#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace observerd::config {

/// An action type as a configuration may use it. The schemas must outlive the call and have passed
/// check_schema.
struct DescribedType {
  std::string type;
  std::string summary;
  const json::Value* action_schema = nullptr;
  const json::Value* module_schema = nullptr;
};

/// The JSON Schema (draft 7, which editors know best) of a whole configuration file with these
/// action types. The host's part is made from what its readers ask for (Recorder) and the
/// descriptions; a type's part from the schemas of its plugin. It accepts what the readers accept
/// but for what a schema cannot say (names that must exist, ranges of durations, conditions), and
/// does not insist on `database`: a file of conf.d need not have it.
json::Value configuration_schema(const std::vector<DescribedType>& types);

}  // namespace observerd::config
