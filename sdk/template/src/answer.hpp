#pragma once

#include <observerd/plugin.hpp>

#include <string_view>

/// What the receiver's answer means for the delivery:
///
///   ok ID          DELIVERED; ID is the receiver's own name for it and may be missing
///   wait SECONDS   THROTTLED
///   no REASON      REJECTED: it will never take this line
///
/// Anything else is RETRY: the receiver may be another program today.
observerd::sdk::Result to_result(std::string_view answer);
