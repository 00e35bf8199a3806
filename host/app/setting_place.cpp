#include "app/setting_place.hpp"

namespace observerd::app {

Place place_below(const config::Configuration& configuration, const Place& base,
                  const json::Value& settings, const std::string& pointer) {
  const json::Value* value = json::at_pointer(settings, pointer);
  std::string parent = pointer;
  while (value == nullptr && !parent.empty()) {
    parent.erase(parent.rfind('/'));
    value = json::at_pointer(settings, parent);
  }
  Place place = base;
  if (value != nullptr && !parent.empty()) place = configuration.sources.place(value->origin());
  place.pointer = base.pointer + pointer;
  return place;
}

}  // namespace observerd::app
