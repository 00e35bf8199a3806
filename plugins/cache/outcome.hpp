#pragma once

#include "observerd/plugin.hpp"

namespace observerd::cache {

/// Which of two results stands for an item that has several parts: one that may succeed later
/// before one that needs the operator, that before one that can never succeed, and delivered last.
/// So nothing is given up while a part of it could still be done.
sdk::Result worse_of(sdk::Result a, sdk::Result b);

}  // namespace observerd::cache
