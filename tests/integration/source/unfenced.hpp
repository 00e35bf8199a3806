#pragma once

#include "source/positions.hpp"

namespace observerd::source {

/// Positions as they would be without the fence, to be seen losing events.
class Unfenced final : public Positions {
  Status fence(postgres::Connection& /*connection*/) const override { return Status(); }
};

}  // namespace observerd::source
