#include "config/text_settings.hpp"

#include <algorithm>

namespace observerd::config {
namespace {

json::Value text(const char* words) {
  return json::Value::string(words);
}

json::Value text_schema(std::string description) {
  return json::Value::object({{"type", text("string")},
                              {"minLength", json::Value::integer(1)},
                              {"description", json::Value::string(std::move(description))}});
}

json::Value requires_one(const std::string& name) {
  return json::Value::object({{"required", json::Value::array({json::Value::string(name)})}});
}

}  // namespace

json::Value reference_schema() {
  return json::Value::object(
      {{"type", text("object")},
       {"description", text("A text that stands elsewhere, such as a secret.")},
       {"additionalProperties", json::Value::boolean(false)},
       {"properties",
        json::Value::object(
            {{"env", text_schema("The environment variable that holds it.")},
             {"file", text_schema("The file that holds it; relative paths count from here.")},
             {"credential", text_schema("A credential of systemd (LoadCredential=).")},
             {"prefix", json::Value::object(
                            {{"type", text("string")},
                             {"description", text("Put before it, such as \"Bearer \".")}})}})},
       {"oneOf", json::Value::array(
                     {requires_one("env"), requires_one("file"), requires_one("credential")})}});
}

json::Value or_reference(json::Value schema) {
  json::Value outer = json::Value::object(), inner = json::Value::object();
  for (auto& [name, value] : schema.members()) {
    const bool for_people = name == "description" || name == "title" || name == "default" ||
                            name == "examples" || name.starts_with("x-");
    (for_people ? outer : inner).set(name, std::move(value));
  }
  outer.set("anyOf",
            json::Value::array({std::move(inner),
                                json::Value::object({{"$ref", text("#/definitions/reference")}})}));
  return outer;
}

void add_short_forms(json::Value& object, const std::vector<std::string>& texts) {
  json::Value* properties = object.find("properties");
  if (properties == nullptr || texts.empty()) return;
  for (const std::string& name : texts) {
    const std::string short_form = name + "_env";
    if (properties->find(short_form) != nullptr) continue;
    properties->set(short_form, text_schema("The environment variable that holds " + name + "."));
  }
  json::Value* required = object.find("required");
  if (required == nullptr || !required->is_array()) return;
  json::Value left = json::Value::array(), either = json::Value::array();
  for (const json::Value& name : required->items()) {
    if (std::find(texts.begin(), texts.end(), name.text()) == texts.end()) {
      left.push_back(name);
      continue;
    }
    either.push_back(json::Value::object(
        {{"anyOf",
          json::Value::array({requires_one(name.text()), requires_one(name.text() + "_env")})}}));
  }
  if (either.items().empty()) return;
  if (left.items().empty()) {
    std::erase_if(object.members(), [](const auto& member) { return member.first == "required"; });
  } else {
    object.set("required", std::move(left));
  }
  if (json::Value* all = object.find("allOf")) {
    for (json::Value& one : either.items()) all->push_back(std::move(one));
  } else {
    object.set("allOf", std::move(either));
  }
}

}  // namespace observerd::config
