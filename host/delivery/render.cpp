#include "delivery/render.hpp"

namespace observerd::delivery {

Status render(Delivery& delivery) {
  const PreparedAction& action = delivery.action();
  if (action.settings.constant_text() != nullptr) {
    delivery.settings_json = action.settings.constant_text();
    delivery.lane = unrendered_lane(delivery.observer->name, action);
    return {};
  }
  const std::string id = delivery.id.to_string();
  const templates::Context context{*delivery.work->event, delivery.observer->name, id,
                                   delivery.tries() + 1};
  const auto missing =
      action.delivery.missing_is_empty ? templates::Missing::Empty : templates::Missing::Error;
  Result<json::Value> settings = action.settings.render(context, missing);
  if (!settings) return settings.status();
  delivery.lane =
      lane_name(delivery.observer->name, action, action.settings.lane_suffix(*settings));
  delivery.settings_json = std::make_shared<const std::string>(json::write(*settings));
  return {};
}

}  // namespace observerd::delivery
