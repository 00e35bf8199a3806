#include "check/leave.hpp"

#include <unistd.h>

#include <cstdlib>

#if defined(OBSERVERD_COVERAGE)
extern "C" void __gcov_dump();
#endif

namespace observerd::check {
namespace {

/// Set for good in a process that is about to end.
bool leaving = false;

}  // namespace

void leave(int code, bool with_handlers) {
  leaving = true;
#if defined(OBSERVERD_COVERAGE)
  __gcov_dump();
#endif
  if (with_handlers) std::exit(code);
  ::_exit(code);
}

}  // namespace observerd::check

#if defined(OBSERVERD_SANITIZED)
/// Asked by LeakSanitizer, where there is one, right before it looks for leaks.
extern "C" int __lsan_is_turned_off() {
  return observerd::check::leaving ? 1 : 0;
}
#endif
