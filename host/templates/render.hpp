#pragma once

#include <string>

#include "base/json.hpp"
#include "base/status.hpp"
#include "templates/template.hpp"
#include "templates/tree.hpp"

namespace observerd::templates {

/// The text of a whole tree.
Result<std::string> render_tree(const Node& root, Escape escape, const Context& context,
                                Missing missing);

/// The value of one Value node with its type, not escaped; a missing one is null under
/// Missing::Empty.
Result<json::Value> evaluate_node(const Node& node, const Context& context, Missing missing);

}  // namespace observerd::templates
