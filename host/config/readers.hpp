#pragma once

#include "config/section.hpp"
#include "config/settings.hpp"

/// One function for each part of the merged document. All of them report every problem and go on
/// with a default, so that one run finds everything.
namespace observerd::config {

/// All of them.
void read_settings(const Reading& reading, const json::Value& document, Settings& out);

DatabaseSettings read_database(const Reading& reading, Section& root, const json::Value& document);
PluginSettings read_plugins(const Reading& reading, Section& root, const json::Value& document);
/// `settings` holds what was read before: plugins and entities.
RuntimeSettings read_runtime(const Reading& reading, Section& root, const json::Value& document,
                             const Settings& settings, const DeliverySettings& defaults);
std::optional<AdminSettings> read_admin(const Reading& reading, Section& root,
                                        const json::Value& document);
LogSettings read_log(const Reading& reading, Section& root, const json::Value& document);
std::map<std::string, EntitySettings> read_entities(const Reading& reading, Section& root,
                                                    const json::Value& document);

/// The delivery settings that `section` holds, over `inherited`.
DeliverySettings read_delivery(const Reading& reading, Section& section,
                               const DeliverySettings& inherited);
/// `defaults`, over the built-in values.
DeliverySettings read_defaults(const Reading& reading, Section& root, const json::Value& document);

/// Everything else must have been read: names are checked against `entities` and `modules`.
std::vector<ObserverSettings> read_observers(const Reading& reading, Section& root,
                                             const Settings& settings,
                                             const DeliverySettings& defaults);

/// An action that stands alone, as the alert's does.
ActionSettings read_single_action(const Reading& reading, const json::Value& value,
                                  const json::Value& parent, const std::string& pointer,
                                  const Settings& settings, const DeliverySettings& defaults);

/// [A-Za-z0-9._-]{1,longest}
bool is_plain_name(std::string_view name, std::size_t longest);

}  // namespace observerd::config
