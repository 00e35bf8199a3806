#pragma once

#include <filesystem>

#include "base/status.hpp"
#include "postgres/process.hpp"

/// The directory of a private server: made, locked, copied, swept.
namespace observerd::postgres {

/// A new directory `observerd-pg-XXXXXX` of that account, mode 0700. `lock` becomes a descriptor
/// that keeps it from being swept for as long as it is open.
Result<std::filesystem::path> make_server_directory(const std::filesystem::path& parent,
                                                    const Account& account, int& lock);

/// Removes the directories below `parent` whose owner is gone.
void sweep_server_directories(const std::filesystem::path& parent);

/// Removes it if it can; what could not be removed is left to the next sweep.
void remove_server_directory(const std::filesystem::path& directory);

/// Copies a data directory; the copy belongs to the account. Files of the source may be read-only.
Status copy_cluster(const std::filesystem::path& from, const std::filesystem::path& to,
                    const Account& account);

}  // namespace observerd::postgres
