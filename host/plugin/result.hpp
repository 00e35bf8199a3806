#pragma once

#include <cstdint>

#include "observerd/plugin.h"
#include "plugin/module.hpp"

namespace observerd::plugin {

/// A result from texts and numbers that may be anything: what is kept of each text is bounded and
/// valid UTF-8, the wait is between 0 and 366 days.
ItemResult clean_result(Outcome outcome, std::int64_t retry_after_ms, observerd_str code,
                        observerd_str message, observerd_str remote_id);

}  // namespace observerd::plugin
