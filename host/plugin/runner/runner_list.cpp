#include "plugin/runner/runner_list.hpp"

#include <utility>

#include "plugin/runner/supervisor.hpp"

namespace observerd::plugin {

RunnerList& RunnerList::instance() {
  static RunnerList* const list = new RunnerList;  // never destroyed: threads may outlive main
  return *list;
}

void RunnerList::add(std::weak_ptr<Supervisor> supervisor) {
  const std::lock_guard lock(mutex_);
  std::erase_if(supervisors_, [](const auto& one) { return one.expired(); });
  supervisors_.push_back(std::move(supervisor));
}

std::vector<RunnerState> RunnerList::of(const std::string& path, const std::string& sha256) {
  std::vector<std::shared_ptr<Supervisor>> alive;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& one : supervisors_) {
      if (auto supervisor = one.lock()) alive.push_back(std::move(supervisor));
    }
  }
  std::vector<RunnerState> states;
  for (const auto& supervisor : alive) {
    const RunnerProgram& program = *supervisor->type().runner;
    if (program.path == path && program.sha256 == sha256) states.push_back(supervisor->state());
  }
  return states;
}

}  // namespace observerd::plugin
