#include "cache/backend.hpp"

namespace observerd::cache {

std::unique_ptr<Backend> make_backend(const json::Value& settings,
                                      const common::ClientSettings& client, sdk::Host host,
                                      const common::ProblemFn& problem) {
  return make_redis(settings, client, host, problem);
}

}  // namespace observerd::cache
