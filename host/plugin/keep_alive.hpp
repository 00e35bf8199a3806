#pragma once

#include <cstddef>
#include <memory>

namespace observerd::plugin {

/// Keeps memory that a library may still touch although nobody in the host needs it any more: the
/// table of a closed module, a batch that was given up. Process-wide, because the libraries are:
/// they are never unloaded and outlive every object of the host. Thread-safe.
void keep_alive(std::shared_ptr<const void> object);

/// How many objects are kept.
std::size_t kept_alive();

}  // namespace observerd::plugin
