#include "app/interests.hpp"

namespace observerd::app {

std::vector<capture::Interest> interests(const config::Settings& settings) {
  std::vector<capture::Interest> out;
  for (const config::ObserverSettings& observer : settings.observers) {
    capture::Interest interest;
    interest.name = observer.name;
    interest.entity = observer.entity;
    interest.kinds = observer.events;
    interest.enabled = observer.enabled;
    // One that cannot be read would fire on nothing; always() is wider, so nothing is left out.
    if (auto condition = condition::Condition::parse(observer.when); condition.ok()) {
      interest.condition = std::move(*condition);
    }
    out.push_back(std::move(interest));
  }
  return out;
}

}  // namespace observerd::app
