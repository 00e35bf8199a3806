#include "app/uncaptured.hpp"

#include <algorithm>

#include "base/strings.hpp"

namespace observerd::app {
namespace {

bool wants_rows(const config::ObserverSettings& observer) {
  return observer.events.empty() ||  // every kind
         std::any_of(observer.events.begin(), observer.events.end(),
                     [](EventKind kind) { return kind != EventKind::Custom; });
}

}  // namespace

std::vector<Status> uncaptured(const config::Settings& settings,
                               const std::vector<capture::Captured>& captured) {
  std::vector<std::string> entities;
  for (const capture::Captured& one : captured) entities.push_back(one.entity);
  std::vector<Status> found;
  for (const config::ObserverSettings& observer : settings.observers) {
    if (!observer.enabled || observer.entity == "*" || !wants_rows(observer)) continue;
    if (observer.entity.empty()) continue;  // a reference that was not followed
    if (std::find(entities.begin(), entities.end(), observer.entity) != entities.end()) continue;
    Place place = observer.place;
    place.pointer += "/entity";
    found.push_back(Status::error(Code::Configuration, "observer \"" + observer.name +
                                                           "\": no table is captured as \"" +
                                                           observer.entity + "\"" +
                                                           did_you_mean(observer.entity, entities))
                        .at(place)
                        .note(settings.entities.count(observer.entity) > 0
                                  ? "observerd capture apply"
                                  : "observerd capture add TABLE --entity " + observer.entity));
  }
  return found;
}

}  // namespace observerd::app
