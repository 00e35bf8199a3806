#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace observerd::plugin {

/// Paths that the dynamic linker's cache (/etc/ld.so.cache, written by ldconfig) has for a
/// library's name; those of other architectures are among them. `cache` is the file's content,
/// which may be anything: what is no cache knows no library. Format: glibc,
/// sysdeps/generic/dl-cache.h
/// ("glibc-ld.so.cache1.1"). Thread-safe.
std::vector<std::string> cached_paths(std::string_view cache, std::string_view name);

}  // namespace observerd::plugin
