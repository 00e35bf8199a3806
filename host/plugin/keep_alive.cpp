#include "plugin/keep_alive.hpp"

#include <mutex>
#include <utility>
#include <vector>

namespace observerd::plugin {
namespace {

struct Kept {
  std::mutex mutex;
  std::vector<std::shared_ptr<const void>> objects;
};

Kept& kept() {
  static Kept* const instance = new Kept;  // never destroyed: plugin threads may run until the end
  return *instance;
}

}  // namespace

void keep_alive(std::shared_ptr<const void> object) {
  const std::lock_guard lock(kept().mutex);
  kept().objects.push_back(std::move(object));
}

std::size_t kept_alive() {
  const std::lock_guard lock(kept().mutex);
  return kept().objects.size();
}

}  // namespace observerd::plugin
