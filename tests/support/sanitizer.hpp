#pragma once

#if defined(__has_feature)
#define OBSERVERD_HAS_FEATURE(name) __has_feature(name)
#else
#define OBSERVERD_HAS_FEATURE(name) 0
#endif

namespace observerd::testing {

/// Whether this was built with AddressSanitizer or ThreadSanitizer: memory cannot be limited then,
/// as they reserve terabytes, and crashes and exits look other than they do.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    OBSERVERD_HAS_FEATURE(address_sanitizer) || OBSERVERD_HAS_FEATURE(thread_sanitizer)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

}  // namespace observerd::testing
