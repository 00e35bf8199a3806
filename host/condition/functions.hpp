#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "condition/tree.hpp"

namespace observerd::condition {

/// How a function of the language is called.
struct Signature {
  std::string_view name;
  Function function = Function::HasField;
  std::size_t least = 0;  ///< arguments, the field included
  std::size_t most = 0;
  bool takes_field = false;     ///< the first argument names a field: a path, or a string
  std::string_view usage = {};  ///< for error texts
};

/// The function of that name, in any case; nullptr when there is none.
const Signature* find_function(std::string_view name);
/// The name that is printed.
std::string_view function_name(Function function);
/// Every name, short forms included; for suggestions.
const std::vector<std::string>& function_names();

/// `status_changed_to` taken apart: field_changed_to and "status".
struct FieldSugar {
  const Signature* signature = nullptr;
  std::string field;
};
std::optional<FieldSugar> find_field_sugar(std::string_view name);

}  // namespace observerd::condition
