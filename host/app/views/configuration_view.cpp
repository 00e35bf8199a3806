#include "app/views/configuration_view.hpp"

#include "config/configuration_schema.hpp"

namespace observerd::app::views {
namespace {

void collect_origins(const json::Value& value, const config::Sources& sources,
                     const std::string& pointer, json::Value& out) {
  if (value.is_object() && !value.members().empty()) {
    for (const auto& [name, member] : value.members()) {
      collect_origins(member, sources, json::join_pointer(pointer, name), out);
    }
  } else if (value.is_array() && !value.items().empty()) {
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      collect_origins(value.items()[i], sources, json::join_pointer(pointer, i), out);
    }
  } else {
    const Place place = sources.place(value.origin());
    out.set(pointer, json::Value::object({{"file", json::Value::string(place.file)},
                                          {"line", json::Value::integer(place.line)},
                                          {"column", json::Value::integer(place.column)}}));
  }
}

}  // namespace

json::Value masked_configuration(const config::Configuration& configuration,
                                 const plugin::Registry& registry) {
  return config::masked_document(
      configuration, [&](const std::string& type, config::SchemaOf of) -> const json::Value* {
        const plugin::ActionType* found = registry.find(type);
        if (found == nullptr) return nullptr;
        return of == config::SchemaOf::Action ? &found->action_schema : &found->module_schema;
      });
}

json::Value show_configuration(const config::Configuration& configuration,
                               const plugin::Registry& registry) {
  json::Value origins = json::Value::object();
  collect_origins(configuration.merged, configuration.sources, "", origins);
  return json::Value::object({{"configuration", masked_configuration(configuration, registry)},
                              {"origins", std::move(origins)}});
}

json::Value configuration_schema(const plugin::Registry& registry) {
  std::vector<config::DescribedType> types;
  for (const std::string& name : registry.type_names()) {
    const plugin::ActionType& type = *registry.find(name);
    types.push_back({name, type.summary, &type.action_schema, &type.module_schema});
  }
  return config::configuration_schema(types);
}

}  // namespace observerd::app::views
