#include "delivery/plan.hpp"

#include <algorithm>

namespace observerd::delivery {

const PreparedAction* PreparedObserver::find(std::string_view action) const {
  const auto found = std::find_if(actions.begin(), actions.end(),
                                  [&](const PreparedAction& a) { return a.name == action; });
  return found == actions.end() ? nullptr : &*found;
}

const PreparedObserver* Plan::find(std::string_view observer) const {
  const auto found = std::find_if(observers.begin(), observers.end(),
                                  [&](const PreparedObserver& o) { return o.name == observer; });
  return found == observers.end() ? nullptr : &*found;
}

}  // namespace observerd::delivery
