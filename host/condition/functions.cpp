#include "condition/functions.hpp"

#include "base/strings.hpp"

namespace observerd::condition {
namespace {

constexpr std::size_t kAny = 256;

// The first entry of a function is the name that is printed.
constexpr Signature kSignatures[] = {
    {"has_field", Function::HasField, 1, 1, true, "has_field(field)"},
    {"field_changed", Function::FieldChanged, 1, 1, true, "field_changed(field)"},
    {"field_changed_to", Function::FieldChangedTo, 2, 2, true, "field_changed_to(field, value)"},
    {"field_changed_from", Function::FieldChangedFrom, 2, 2, true,
     "field_changed_from(field, value)"},
    {"changed", Function::FieldChanged, 1, 1, true, "changed(field)"},
    {"changed_to", Function::FieldChangedTo, 2, 2, true, "changed_to(field, value)"},
    {"changed_from", Function::FieldChangedFrom, 2, 2, true, "changed_from(field, value)"},
    {"is_insert", Function::IsInsert, 0, 0, false, "is_insert()"},
    {"is_update", Function::IsUpdate, 0, 0, false, "is_update()"},
    {"is_delete", Function::IsDelete, 0, 0, false, "is_delete()"},
    {"is_custom", Function::IsCustom, 0, 0, false, "is_custom()"},
    {"is_new", Function::IsInsert, 0, 0, false, "is_new()"},
    {"is_deleted", Function::IsDelete, 0, 0, false, "is_deleted()"},
    {"contains", Function::Contains, 2, 2, false, "contains(text or array or object, part)"},
    {"starts_with", Function::StartsWith, 2, 2, false, "starts_with(text, prefix)"},
    {"ends_with", Function::EndsWith, 2, 2, false, "ends_with(text, suffix)"},
    {"lower", Function::Lower, 1, 1, false, "lower(text)"},
    {"upper", Function::Upper, 1, 1, false, "upper(text)"},
    {"length", Function::Length, 1, 1, false, "length(text or array or object)"},
    {"coalesce", Function::Coalesce, 1, kAny, false, "coalesce(value, value, …)"},
    {"abs", Function::Abs, 1, 1, false, "abs(number)"},
};

}  // namespace

const Signature* find_function(std::string_view name) {
  for (const Signature& signature : kSignatures) {
    if (ascii_iequals(signature.name, name)) return &signature;
  }
  return nullptr;
}

std::string_view function_name(Function function) {
  for (const Signature& signature : kSignatures) {
    if (signature.function == function) return signature.name;
  }
  return {};
}

const std::vector<std::string>& function_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Signature& signature : kSignatures) all.emplace_back(signature.name);
    return all;
  }();
  return names;
}

std::optional<FieldSugar> find_field_sugar(std::string_view name) {
  for (const std::string_view suffix : {"_changed", "_changed_to", "_changed_from"}) {
    if (name.size() <= suffix.size()) continue;
    const std::size_t at = name.size() - suffix.size();
    if (!ascii_iequals(name.substr(at), suffix)) continue;
    return FieldSugar{find_function(suffix.substr(1)), std::string(name.substr(0, at))};
  }
  return std::nullopt;
}

}  // namespace observerd::condition
