#pragma once

#include <string_view>

#include "base/status.hpp"
#include "templates/template.hpp"
#include "templates/tree.hpp"

namespace observerd::templates {

/// Reads a whole template into its tree. The place matters because the template's own text must be
/// able to stand there. Errors are OB008 with line, column and caret.
Result<Node> parse_tree(std::string_view text, Escape escape);

}  // namespace observerd::templates
