#pragma once

#include "config/settings.hpp"
#include "source/progress.hpp"

namespace observerd::app {

/// ok when the configuration has as many shards as the database was migrated with; OB001 else, with
/// the place of the setting.
Status check_shards(const config::DatabaseSettings& database,
                    const source::Installation& installation);

}  // namespace observerd::app
