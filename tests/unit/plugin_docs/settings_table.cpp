#include "unit/plugin_docs/settings_table.hpp"

#include <algorithm>
#include <vector>

#include "base/strings.hpp"

namespace observerd::testing {
namespace {

class Table {
 public:
  explicit Table(const json::Value& schema) : schema_(schema) {}

  std::string text() const {
    const json::Value* properties = schema_.find("properties");
    if (properties == nullptr || properties->members().empty()) return "none\n";
    std::string out = "| name | type | default | meaning |\n|---|---|---|---|\n";
    for (const auto& [name, member] : properties->members()) {
      out += "| `" + name + "` | " + type_of(member) + " | " + default_of(name, member) + " | " +
             in_cell(member.string_or("description")) + " |\n";
    }
    return out;
  }

 private:
  static std::string in_cell(const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '|' ? "\\|" : std::string(1, c);
    return out;
  }

  const json::Value& resolved(const json::Value& node) const {
    const std::string reference = node.string_or("$ref");
    if (reference.empty()) return node;
    const json::Value* target = json::at_pointer(schema_, reference.substr(1));
    return target == nullptr ? node : *target;
  }

  std::string type_of(const json::Value& written) const {
    const json::Value& node = resolved(written);
    if (const json::Value* values = node.find("enum")) {
      std::string out;
      for (const auto& value : values->items()) {
        out += (out.empty() ? "`" : " `") + value.text() + "`";
      }
      return out;
    }
    const std::string of = node.string_or("x-template");
    const std::string names = type_names(node);
    if (!of.empty()) return names == "string" ? "template" : names + "; templates";
    const json::Value* secret = node.find("x-secret");
    if (secret != nullptr && secret->is_boolean() && secret->as_boolean()) return "secret";
    if (names == "array") return items_of(node);
    if (names == "object") return object_of(node);
    if (names == "integer") return names + range_of(node);
    return node.string_or("pattern").ends_with("(ms|s|m|h)$") ? "duration" : names;
  }

  static std::string type_names(const json::Value& node) {
    const json::Value* type = node.find("type");
    if (type == nullptr) return "any";
    if (type->is_string()) return type->text();
    std::vector<std::string> names;
    for (const auto& name : type->items()) names.push_back(name.text());
    return join(names, ", ");
  }

  std::string items_of(const json::Value& node) const {
    const json::Value* items = node.find("items");
    const json::Value* most = node.find("maxItems");
    std::string out = "array";
    if (most != nullptr) out = "up to " + most->text();
    return items == nullptr ? out : out + " of " + type_of(*items);
  }

  std::string object_of(const json::Value& node) const {
    const json::Value* values = node.find("additionalProperties");
    return values != nullptr && values->is_object() ? "object of " + type_of(*values) : "object";
  }

  static std::string range_of(const json::Value& node) {
    const json::Value* least = node.find("minimum");
    const json::Value* most = node.find("maximum");
    if (least == nullptr || most == nullptr) return "";
    return " " + least->text() + " to " + most->text();
  }

  std::string default_of(const std::string& name, const json::Value& member) const {
    if (const json::Value* required = schema_.find("required")) {
      const auto& names = required->items();
      if (std::any_of(names.begin(), names.end(),
                      [&](const json::Value& one) { return one.text() == name; })) {
        return "required";
      }
    }
    const json::Value* value = member.find("default");
    if (value == nullptr || (value->is_array() && value->items().empty())) return "";
    return "`" + (value->is_string() ? value->text() : json::write(*value)) + "`";
  }

  const json::Value& schema_;
};

}  // namespace

std::string settings_table(const json::Value& schema) {
  return Table(schema).text();
}

std::optional<std::string> with_section(const std::string& text, const std::string& name,
                                        const std::string& section) {
  const std::string head = "<!-- " + name + " -->\n";
  const std::size_t start = text.find(head);
  if (start == std::string::npos) return std::nullopt;
  const std::size_t from = start + head.size();
  const std::size_t end = text.find("<!-- end -->", from);
  if (end == std::string::npos) return std::nullopt;
  return text.substr(0, from) + section + text.substr(end);
}

}  // namespace observerd::testing
