#pragma once

#include <filesystem>
#include <string>

#include "support/daemon.hpp"
#include "support/eventually.hpp"

/// What the CTest fixtures of this directory have built against the installed SDK (tests.cmake).
namespace observerd::testing {

/// tests/sdk/NAME of the build directory. Throws std::runtime_error, naming the fixture to run,
/// when it is not there.
std::filesystem::path artefact(const std::string& name);

/// Puts that plugin where the daemon looks for plugins, as packages do: written beside, then
/// renamed.
void drop_in(const Installation& installation, const std::filesystem::path& plugin);

/// Has the running daemon reload and waits until it has.
void reload(const Daemon& daemon);

}  // namespace observerd::testing
