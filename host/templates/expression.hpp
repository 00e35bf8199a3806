#pragma once

#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "templates/tree.hpp"

namespace observerd::templates {

/// What stands in a tag: `path | filter: argument | filter`.
struct Expression {
  Reference reference;
  std::vector<Filter> filters;
};

/// `content` is a view into `text`, the whole template, so that an error (OB008) can say where.
Result<Expression> parse_expression(std::string_view text, std::string_view content);
/// A section's name: a path or ".", no filters.
Result<Reference> parse_section_name(std::string_view text, std::string_view content);

}  // namespace observerd::templates
