#include "app/views/setting_rows.hpp"

#include <algorithm>

#include "base/strings.hpp"

namespace observerd::app::views {
namespace {

/// Deeper objects are shown by --schema.
constexpr int kDeepest = 3;

class Rows {
 public:
  explicit Rows(const json::Value& root) : root_(root) {}

  void add(const json::Value& object, const std::string& prefix, int depth) {
    const json::Value* properties = object.find("properties");
    if (properties == nullptr || !properties->is_object()) return;
    for (const auto& [name, written] : properties->members()) {
      const json::Value& property = resolved(written);
      SettingRow row;
      row.name = prefix + name;
      row.type = type_of(property);
      const json::Value* fallback = property.find("default");
      if (fallback != nullptr) row.fallback = json::write(*fallback);
      row.escaping = property.string_or("x-template");
      // Beside a $ref stands what is said of this use of it.
      row.description = written.string_or("description", property.string_or("description"));
      row.required = is_required(object, name);
      const json::Value* secret = property.find("x-secret");
      row.secret = secret != nullptr && secret->is_boolean() && secret->as_boolean();
      rows.push_back(std::move(row));
      if (depth < kDeepest) add(property, prefix + name + ".", depth + 1);
    }
  }

  std::vector<SettingRow> rows;

 private:
  const json::Value& resolved(const json::Value& schema) const {
    const json::Value* found = &schema;
    for (int hops = 0; hops < 8; ++hops) {
      const std::string reference = found->string_or("$ref");
      if (!reference.starts_with("#/")) return *found;
      const json::Value* target = json::at_pointer(root_, reference.substr(1));
      if (target == nullptr) return *found;
      found = target;
    }
    return *found;
  }

  std::string type_of(const json::Value& property) const {
    const json::Value* values = property.find("enum");
    if (values == nullptr) values = property.find("type");
    if (values == nullptr) return type_of_branches(property);
    std::vector<std::string> names;
    const auto take = [&names](const json::Value& one) {
      names.push_back(one.is_string() ? one.text() : json::write(one));
    };
    if (values->is_array()) {
      for (const json::Value& one : values->items()) take(one);
    } else {
      take(*values);
    }
    return join(names, "|");
  }

  std::string type_of_branches(const json::Value& property) const {
    for (const char* const list : {"oneOf", "anyOf"}) {
      const json::Value* branches = property.find(list);
      if (branches == nullptr || !branches->is_array()) continue;
      std::vector<std::string> names;
      for (const json::Value& branch : branches->items()) {
        names.push_back(type_of(resolved(branch)));
      }
      return join(names, "|");
    }
    return "any";
  }

  const json::Value& root_;
};

}  // namespace

bool is_required(const json::Value& object, const std::string& name) {
  const json::Value* required = object.find("required");
  return required != nullptr && required->is_array() &&
         std::any_of(required->items().begin(), required->items().end(),
                     [&](const json::Value& one) { return one.is_string() && one.text() == name; });
}

std::vector<SettingRow> setting_rows(const json::Value& schema) {
  Rows rows(schema);
  rows.add(schema, "", 1);
  return std::move(rows.rows);
}

}  // namespace observerd::app::views
