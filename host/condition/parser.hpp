#pragma once

#include <cstddef>
#include <string_view>

#include "condition/tree.hpp"

namespace observerd::condition {

constexpr std::size_t kMaxBytes = 16 * 1024;
constexpr int kMaxDepth = 64;  ///< parentheses, negations and calls inside each other
constexpr std::size_t kMaxListItems = 256;

/// Reads a condition into its tree. Errors are OB003 with place and caret.
Result<Node> parse_tree(std::string_view text);

}  // namespace observerd::condition
