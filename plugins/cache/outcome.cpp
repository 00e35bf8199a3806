#include "cache/outcome.hpp"

#include <utility>

namespace observerd::cache {
namespace {

int rank(const sdk::Result& result) {
  switch (result.outcome) {
    case OBSERVERD_DELIVERED:
      return 0;
    case OBSERVERD_REJECTED:
      return 1;
    case OBSERVERD_GONE:
      return 2;
    case OBSERVERD_MISCONFIGURED:
      return 3;
    case OBSERVERD_THROTTLED:
      return 5;
    case OBSERVERD_CANCELLED:
      return 6;
    default:
      return 4;
  }
}

}  // namespace

sdk::Result worse_of(sdk::Result a, sdk::Result b) {
  return rank(b) > rank(a) ? std::move(b) : std::move(a);
}

}  // namespace observerd::cache
