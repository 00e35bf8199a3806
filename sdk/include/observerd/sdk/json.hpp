#pragma once

/// JSON as plugins get it: settings and events. Read-only, and our own because a plugin then needs
/// nothing but the standard library, and brings no second copy of a JSON library into the process.
/// Part of plugin.hpp.

#include "observerd/sdk/json_parser.hpp"
#include "observerd/sdk/json_value.hpp"
