#include "templates/settings_template.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "templates/escape.hpp"
#include "templates/schema_view.hpp"
#include "templates/settings_part.hpp"
#include "templates/url.hpp"

namespace observerd::templates {

struct SettingsTemplate::Plan {
  struct Lane {
    std::string pointer;
    bool origin = false;
  };

  SettingsPart root;  ///< Constant when the whole is
  std::shared_ptr<const std::string> constant_text;
  std::vector<Lane> lanes;
  std::vector<SettingRead> reads;
};

/// Walks settings and schema side by side.
class SettingsTemplate::Compiler {
 public:
  Compiler(bool all_written, Diagnostics& diagnostics, Plan& plan)
      : all_written_(all_written), diagnostics_(diagnostics), plan_(plan) {}

  /// The templated parts of a value; nullopt when there are none. With `whole` what is no template
  /// comes along as it is.
  std::optional<SettingsPart> walk(const json::Value& value, const json::Value* written,
                                   const SchemaView& schema, const std::string& pointer,
                                   bool whole) {
    if (const std::string name = schema.annotation("x-template"); !name.empty()) {
      Escape escape = Escape::Text;
      if (!parse_escape(name, escape)) {
        problem(pointer,
                Status::error(Code::Template,
                              "the schema asks for the unknown template kind \"" + name + "\""));
        return SettingsPart::fixed(value);
      }
      const bool leaves = escape == Escape::Json && !value.is_string();
      SettingsPart part =
          leaves ? leaf_by_leaf(value, written, Escape::Text, SettingsPart::Kind::Typed, pointer)
                 : leaf_by_leaf(value, written, escape, SettingsPart::Kind::Text, pointer);
      note_lane(part, schema.annotation("x-lane"), pointer);
      return part;
    }
    if (value.is_object()) return walk_object(value, written, schema, pointer, whole);
    if (value.is_array()) return walk_array(value, written, schema, pointer, whole);
    return whole ? std::optional(SettingsPart::fixed(value)) : std::nullopt;
  }

 private:
  void problem(const std::string& pointer, Status status) {
    Place place = status.place();
    place.pointer = pointer;
    diagnostics_.add(std::move(status).at(std::move(place)));
  }

  std::optional<SettingsPart> walk_object(const json::Value& value, const json::Value* written,
                                          const SchemaView& schema, const std::string& pointer,
                                          bool whole) {
    SettingsPart out;
    out.kind = SettingsPart::Kind::Object;
    for (const auto& [name, member] : value.members()) {
      const SchemaView member_schema = schema.member(name, member);
      std::optional<SettingsPart> part =
          walk(member, written == nullptr ? nullptr : written->find(name), member_schema,
               json::join_pointer(pointer, name), whole && !member_schema.is_secret());
      if (!part) continue;
      out.names.push_back(name);
      out.children.push_back(std::move(*part));
    }
    if (out.children.empty() && !whole) return std::nullopt;
    return folded(std::move(out));
  }

  std::optional<SettingsPart> walk_array(const json::Value& value, const json::Value* written,
                                         const SchemaView& schema, const std::string& pointer,
                                         bool whole) {
    SettingsPart out;
    out.kind = SettingsPart::Kind::Array;
    bool templated = whole;
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      const json::Value& item = value.items()[i];
      const json::Value* item_written = item_of(written, i);
      const SchemaView item_schema = schema.item(i, item);
      const std::string item_pointer = json::join_pointer(pointer, i);
      std::optional<SettingsPart> part = walk(item, item_written, item_schema, item_pointer, true);
      templated = templated || has_template(item, item_schema);
      out.children.push_back(std::move(*part));
    }
    return templated ? std::optional(folded(std::move(out))) : std::nullopt;
  }

  static bool has_template(const json::Value& value, const SchemaView& schema) {
    if (!schema.annotation("x-template").empty()) return true;
    if (value.is_object()) {
      return std::any_of(value.members().begin(), value.members().end(), [&](const auto& member) {
        return has_template(member.second, schema.member(member.first, member.second));
      });
    }
    for (std::size_t i = 0; value.is_array() && i < value.items().size(); ++i) {
      if (has_template(value.items()[i], schema.item(i, value.items()[i]))) return true;
    }
    return false;
  }

  SettingsPart leaf_by_leaf(const json::Value& value, const json::Value* written, Escape escape,
                            SettingsPart::Kind kind, const std::string& pointer) {
    if (value.is_string()) return leaf(value, written, escape, kind, pointer);
    if (!value.is_object() && !value.is_array()) return SettingsPart::fixed(value);
    SettingsPart out;
    if (value.is_object()) {
      out.kind = SettingsPart::Kind::Object;
      for (const auto& [name, member] : value.members()) {
        out.names.push_back(name);
        out.children.push_back(leaf_by_leaf(member,
                                            written == nullptr ? nullptr : written->find(name),
                                            escape, kind, json::join_pointer(pointer, name)));
      }
    } else {
      out.kind = SettingsPart::Kind::Array;
      for (std::size_t i = 0; i < value.items().size(); ++i) {
        out.children.push_back(leaf_by_leaf(value.items()[i], item_of(written, i), escape, kind,
                                            json::join_pointer(pointer, i)));
      }
    }
    return folded(std::move(out));
  }

  SettingsPart leaf(const json::Value& value, const json::Value* written, Escape escape,
                    SettingsPart::Kind kind, const std::string& pointer) {
    const bool in_place = all_written_ || (written != nullptr && written->is_string() &&
                                           written->text() == value.text());
    if (!in_place) {
      if (Status status = check_plain(value.text(), escape); !status.ok()) {
        problem(pointer, std::move(status));
      }
      return SettingsPart::fixed(value);
    }
    Result<Template> text = Template::parse(value.text(), escape);
    if (!text) {
      problem(pointer, text.status());
      return SettingsPart::fixed(value);
    }
    SettingsPart part;
    part.kind = kind;
    part.text = std::move(*text);
    for (PathRead& read : part.text.reads()) plan_.reads.push_back({pointer, std::move(read)});
    if (part.text.is_constant())
      return SettingsPart::fixed(json::Value::string(constant_text(part.text)));
    return part;
  }

  /// A template without a tag reads nothing of its context.
  static std::string constant_text(const Template& text) {
    return std::string(text.leading_text());
  }

  void note_lane(const SettingsPart& part, const std::string& lane, const std::string& pointer) {
    if (lane.empty() || part.kind == SettingsPart::Kind::Constant) return;
    const bool origin = lane == "origin";
    if (origin && part.kind == SettingsPart::Kind::Text) {
      const std::string_view text = part.text.leading_text();
      const auto settled = read_origin(text);
      if (settled && settled->end < text.size()) return;
    }
    plan_.lanes.push_back({pointer, origin});
  }

  static const json::Value* item_of(const json::Value* array, std::size_t index) {
    if (array == nullptr || !array->is_array() || index >= array->items().size()) return nullptr;
    return &array->items()[index];
  }

  const bool all_written_;
  Diagnostics& diagnostics_;
  Plan& plan_;
};

SettingsTemplate SettingsTemplate::compile(const json::Value& settings, const json::Value& schema,
                                           Diagnostics& diagnostics,
                                           const json::Value* as_written) {
  auto plan = std::make_shared<Plan>();
  Compiler compiler(as_written == nullptr, diagnostics, *plan);
  std::optional<SettingsPart> root =
      compiler.walk(settings, as_written, SchemaView(schema, settings), "", false);
  plan->root = root ? std::move(*root) : SettingsPart::fixed(json::Value::object());
  if (plan->root.kind == SettingsPart::Kind::Constant) {
    plan->constant_text = std::make_shared<const std::string>(json::write(plan->root.constant));
  }
  SettingsTemplate out;
  out.plan_ = std::move(plan);
  return out;
}

Result<json::Value> SettingsTemplate::render(const Context& context, Missing missing) const {
  if (plan_ == nullptr) return json::Value::object();
  return plan_->root.render(context, missing);
}

const std::shared_ptr<const std::string>& SettingsTemplate::constant_text() const {
  static const std::shared_ptr<const std::string> none;
  return plan_ == nullptr ? none : plan_->constant_text;
}

std::string SettingsTemplate::lane_suffix(const json::Value& rendered) const {
  std::string out;
  if (plan_ == nullptr) return out;
  for (const Plan::Lane& lane : plan_->lanes) {
    const json::Value* value = json::at_pointer(rendered, lane.pointer);
    if (value == nullptr) continue;
    const std::string text = value->is_string() ? value->text() : json::write(*value);
    const auto origin = lane.origin ? read_origin(text) : std::nullopt;
    if (!out.empty()) out += ',';
    out += origin ? origin->to_string() : text;
  }
  return out;
}

bool SettingsTemplate::splits_lanes() const {
  return plan_ != nullptr && !plan_->lanes.empty();
}

bool SettingsTemplate::is_constant() const {
  return plan_ == nullptr || plan_->root.kind == SettingsPart::Kind::Constant;
}

std::vector<SettingRead> SettingsTemplate::reads() const {
  return plan_ == nullptr ? std::vector<SettingRead>() : plan_->reads;
}

}  // namespace observerd::templates
