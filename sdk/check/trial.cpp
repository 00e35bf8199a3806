#include "check/trial.hpp"

#include <algorithm>

namespace observerd::check {

using std::chrono::milliseconds;

TrialTimes::TrialTimes(milliseconds limit)
    : deliver(std::min<milliseconds>(milliseconds(5'000), limit / 4)),
      grace(std::min<milliseconds>(milliseconds(1'000), limit / 8)),
      loop(std::min<milliseconds>(milliseconds(1'000), limit / 8)) {}

std::vector<plugin::ActionType> Trial::types() {
  stage.set("loading");
  Result<std::vector<plugin::ActionType>> found = loader.types();
  if (found) return *std::move(found);
  finding.fail(found.status());
  return {};
}

}  // namespace observerd::check
