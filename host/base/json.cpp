#include "base/json.hpp"

#include <algorithm>

#include "base/rapidjson.hpp"
#include "base/strings.hpp"

/// Values, pointers, and writing. Reading: json_parse.cpp.
namespace observerd::json {
namespace {

template <typename Writer>
void emit(Writer& writer, const Value& value) {
  switch (value.type()) {
    case Type::Null:
      writer.Null();
      break;
    case Type::Boolean:
      writer.Bool(value.as_boolean());
      break;
    case Type::Number:
      writer.RawValue(value.text().data(), value.text().size(), rapidjson::kNumberType);
      break;
    case Type::String:
      writer.String(value.text().data(), static_cast<rapidjson::SizeType>(value.text().size()));
      break;
    case Type::Array:
      writer.StartArray();
      for (const Value& item : value.items()) emit(writer, item);
      writer.EndArray();
      break;
    case Type::Object:
      writer.StartObject();
      for (const Member& member : value.members()) {
        writer.Key(member.first.data(), static_cast<rapidjson::SizeType>(member.first.size()));
        emit(writer, member.second);
      }
      writer.EndObject();
      break;
  }
}

}  // namespace

std::string_view type_words(Type type) {
  switch (type) {
    case Type::Null:
      return "null";
    case Type::Boolean:
      return "a boolean";
    case Type::Number:
      return "a number";
    case Type::String:
      return "a string";
    case Type::Array:
      return "an array";
    case Type::Object:
      return "an object";
  }
  return "unknown";
}

Value Value::boolean(bool value) {
  Value out;
  out.state_ = value;
  return out;
}

Value Value::number(std::string literal) {
  Value out;
  out.state_ = NumberLiteral{std::move(literal)};
  return out;
}

Value Value::integer(std::int64_t value) {
  return number(std::to_string(value));
}

Value Value::string(std::string text) {
  Value out;
  out.state_ = std::move(text);
  return out;
}

Value Value::array(Array items) {
  Value out;
  out.state_ = std::move(items);
  return out;
}

Value Value::object(std::initializer_list<Member> members) {
  Value out;
  out.state_ = Object(members);
  return out;
}

const std::string& Value::text() const {
  if (const auto* number = std::get_if<NumberLiteral>(&state_)) return number->literal;
  return std::get<std::string>(state_);
}

const Value* Value::find(std::string_view name) const {
  const auto* object = std::get_if<Object>(&state_);
  if (object == nullptr) return nullptr;
  const auto found = std::find_if(object->rbegin(), object->rend(),
                                  [&](const Member& member) { return member.first == name; });
  return found == object->rend() ? nullptr : &found->second;
}

Value* Value::find(std::string_view name) {
  return const_cast<Value*>(std::as_const(*this).find(name));
}

Value& Value::set(std::string name, Value value) {
  if (is_null()) state_ = Object();
  if (Value* there = find(name)) return *there = std::move(value);
  members().emplace_back(std::move(name), std::move(value));
  return members().back().second;
}

std::string Value::string_or(std::string_view name, std::string_view fallback) const {
  const Value* member = find(name);
  return member != nullptr && member->is_string() ? member->text() : std::string(fallback);
}

void write_to(std::string& out, const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  emit(writer, value);
  out.append(buffer.GetString(), buffer.GetSize());
}

std::string write(const Value& value) {
  std::string out;
  write_to(out, value);
  return out;
}

std::string write_pretty(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
  writer.SetIndent(' ', 2);
  emit(writer, value);
  return {buffer.GetString(), buffer.GetSize()};
}

void quote_to(std::string& out, std::string_view text) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  out.append(buffer.GetString(), buffer.GetSize());
}

std::string quote(std::string_view text) {
  std::string out;
  quote_to(out, text);
  return out;
}

std::string join_pointer(std::string_view pointer, std::string_view token) {
  std::string out(pointer);
  out += '/';
  for (const char c : token) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::string join_pointer(std::string_view pointer, std::size_t index) {
  return std::string(pointer) + '/' + std::to_string(index);
}

const Value* at_pointer(const Value& root, std::string_view pointer) {
  const Value* value = &root;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);  // the slash
    const std::string_view token = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(token.size());
    std::string name;
    for (std::size_t i = 0; i < token.size(); ++i) {
      if (token[i] == '~' && i + 1 < token.size()) {
        name += token[++i] == '1' ? '/' : '~';
      } else {
        name += token[i];
      }
    }
    if (value->is_array()) {
      const bool digits = !name.empty() && name.size() < 9 &&
                          name.find_first_not_of("0123456789") == std::string::npos;
      if (!digits || std::stoul(name) >= value->items().size()) return nullptr;
      value = &value->items()[std::stoul(name)];
    } else {
      value = value->find(name);
      if (value == nullptr) return nullptr;
    }
  }
  return value;
}

}  // namespace observerd::json
