#include "check/trial_settings.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>

#include "check/batch_double.hpp"
#include "check/sample_value.hpp"
#include "event/event.hpp"
#include "templates/settings_template.hpp"

namespace observerd::check {
namespace {

constexpr std::size_t huge_bytes = std::size_t{1} << 20;
constexpr std::size_t branches = 3;

json::Value member_or_empty(const json::Value& object, std::string_view name) {
  const json::Value* member = object.find(name);
  return member == nullptr ? json::Value::object() : *member;
}

std::vector<json::Value> samples(const json::Value& schema) {
  std::vector<json::Value> found;
  std::vector<std::string> known;
  for (const bool all_members : {false, true}) {
    for (std::size_t branch = 0; branch < branches; ++branch) {
      json::Value sample = sample_value(schema, {all_members, branch});
      std::string text = json::write(sample);
      if (!fits(sample, schema) || std::find(known.begin(), known.end(), text) != known.end()) {
        continue;
      }
      known.push_back(std::move(text));
      found.push_back(std::move(sample));
    }
  }
  return found;
}

}  // namespace

Result<GivenSettings> read_given_settings(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Status::error(Code::Configuration, "\"" + path + "\" cannot be read");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const Result<json::Value> parsed =
      json::parse(text, Code::Configuration, {.comments = true, .reject_duplicates = true});
  const auto at = [&](Place place) {
    place.file = path;
    return place;
  };
  if (!parsed) {
    Status bad = parsed.status();
    return bad.at(at(bad.place()));
  }
  GivenSettings given;
  const auto refuse = [&](const std::string& pointer, const std::string& why) {
    Place place;
    place.pointer = pointer;
    return Status::error(Code::Configuration, why)
        .at(at(std::move(place)))
        .note(R"(wanted is {"TYPE": {"module": {…}, "action": {…}}})");
  };
  if (!parsed->is_object()) return refuse("", "is no object");
  for (const auto& [type, settings] : parsed->members()) {
    const std::string pointer = json::join_pointer("", type);
    if (!settings.is_object()) return refuse(pointer, "is no object");
    for (const auto& [name, value] : settings.members()) {
      if (name != "module" && name != "action") {
        return refuse(json::join_pointer(pointer, name), "is neither \"module\" nor \"action\"");
      }
      if (!value.is_object()) return refuse(json::join_pointer(pointer, name), "is no object");
    }
    given[type] = {member_or_empty(settings, "module"), member_or_empty(settings, "action")};
  }
  return given;
}

std::vector<TrialSettings> good_settings(const plugin::ActionType& type,
                                         const GivenSettings& given) {
  if (const auto found = given.find(type.type); found != given.end()) return {found->second};
  std::vector<TrialSettings> settings;
  for (const json::Value& action : samples(type.action_schema)) {
    for (const json::Value& module : samples(type.module_schema)) {
      settings.push_back({module, action});
    }
  }
  return settings;
}

std::vector<BadSettings> bad_settings(const json::Value& good, const json::Value& schema) {
  const std::vector<json::Value> wrong = {{},
                                          json::Value::boolean(true),
                                          json::Value::number("-1e308"),
                                          json::Value::number("123456789012345678901234567890"),
                                          json::Value::string(""),
                                          json::Value::string("\x01 {{ \xF0\x9F\x92\xA3"),
                                          json::Value::array({json::Value::array(), {}}),
                                          json::Value::object({{"check", {}}})};
  std::vector<BadSettings> all;
  const auto add = [&](const std::string& pointer, const json::Value& value) {
    if (!fits(value, schema)) all.push_back({pointer, json::write(value)});
  };
  std::vector<std::string> names;
  if (const json::Value* properties = schema.find("properties"); properties != nullptr) {
    if (properties->is_object()) {
      for (const auto& [name, property] : properties->members()) names.push_back(name);
    }
  }
  for (const std::string& name : names) {
    for (const json::Value& value : wrong) {
      json::Value settings = good;
      settings.set(name, value);
      add(json::join_pointer("", name), settings);
    }
  }
  for (std::size_t i = 0; i < good.members().size(); ++i) {
    json::Value settings = good;
    const std::string name = settings.members()[i].first;
    settings.members().erase(settings.members().begin() + static_cast<std::ptrdiff_t>(i));
    add(json::join_pointer("", name), settings);
  }
  json::Value settings = good;
  settings.set("no such setting", json::Value::boolean(true));
  add("/no such setting", settings);
  return all;
}

std::vector<std::string> random_settings(const std::string& good) {
  std::vector<std::string> all = {"",        " ",     "{",    "null",
                                  "[]",      "0",     "{}",   "\"text\"",
                                  "{\"\":}", "{} {}", "\xFF", std::string(3, '\0')};
  // As deep as the host reads at all.
  all.push_back(std::string(150, '[') + std::string(150, ']'));
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same every time
  std::string noise(huge_bytes, '\0');
  std::generate(noise.begin(), noise.end(), [&] { return static_cast<char>(random() % 256); });
  all.push_back(std::move(noise));
  for (int round = 0; round < 200; ++round) {
    std::string text = good;
    const std::size_t damages = 1 + random() % 4;
    for (std::size_t i = 0; i < damages && !text.empty(); ++i) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random() % 256);
          break;
        case 1:
          text.erase(at, 1 + random() % 8);
          break;
        case 2:
          text.insert(at, text.substr(random() % text.size(), random() % 16));
          break;
        default:
          text.resize(at);
      }
    }
    all.push_back(std::move(text));
  }
  return all;
}

std::vector<std::string> huge_settings(const json::Value& good) {
  std::vector<std::string> all;
  json::Value long_text = good;
  long_text.set("check", json::Value::string(std::string(huge_bytes, 'x')));
  all.push_back(json::write(long_text));
  for (const auto& [name, value] : good.members()) {
    if (!value.is_string()) continue;
    json::Value longer = good;
    longer.set(name, json::Value::string(value.text() + std::string(huge_bytes, 'x')));
    all.push_back(json::write(longer));
    if (all.size() == 4) break;
  }
  std::string many = "{\"check\":[";
  while (many.size() < huge_bytes) many += "{\"a\":0},";
  all.push_back(many + "0]}");
  return all;
}

Result<std::string> rendered_settings(const plugin::ActionType& type, const json::Value& action) {
  Diagnostics diagnostics;
  const auto compiled =
      templates::SettingsTemplate::compile(action, type.action_schema, diagnostics);
  if (!diagnostics.ok()) return diagnostics.errors().front();
  if (compiled.constant_text() != nullptr) return *compiled.constant_text();
  const Result<Event> event = parse_event(sample_event_json(1));
  if (!event) return event.status();
  const templates::Context context{*event, "check", "7d6f1bd4-33c1-5f2e-9c57-0c2b8f1e6a10", 1};
  const Result<json::Value> rendered = compiled.render(context, templates::Missing::Empty);
  if (!rendered) return rendered.status();
  return json::write(*rendered);
}

}  // namespace observerd::check
