#include "app/shards_check.hpp"

namespace observerd::app {

Status check_shards(const config::DatabaseSettings& database,
                    const source::Installation& installation) {
  if (installation.shards == database.shards) return {};
  return Status::error(Code::Configuration, "database.shards is " +
                                                std::to_string(database.shards) +
                                                ", but the database was migrated with " +
                                                std::to_string(installation.shards))
      .at(database.place)
      .note("the number of shards is fixed by the first `observerd migrate`: set it to " +
            std::to_string(installation.shards));
}

}  // namespace observerd::app
