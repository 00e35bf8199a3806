#pragma once

#include "delivery/work.hpp"

namespace observerd::delivery {

/// Renders the settings of a delivery for this try, and names its lane. Errors are OB008; they may
/// hold secrets, which the action's mask takes out.
Status render(Delivery& delivery);

}  // namespace observerd::delivery
