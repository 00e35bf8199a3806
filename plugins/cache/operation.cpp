#include "cache/operation.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.hpp"
#include "cache/glob.hpp"
#include "common/settings.hpp"

namespace observerd::cache {
namespace {

constexpr std::array kKinds{
    std::pair{"invalidate", Kind::Invalidate},
    std::pair{"refresh", Kind::Refresh},
    std::pair{"publish", Kind::Publish},
    std::pair{"purge", Kind::Purge},
    std::pair{"ban", Kind::Ban},
};

constexpr std::array kMembers{"keys", "key_pattern", "tags", "urls", "channel", "value", "ttl"};

std::vector<std::string> read_list(const json::Value& list) {
  std::vector<std::string> texts;
  if (!list.is_array()) return texts;
  texts.reserve(list.items().size() + 1);  // a command's name goes before them without a move
  for (const json::Value& text : list.items()) {
    if (text.is_string()) texts.push_back(text.text());
  }
  return texts;
}

/// What may differ from event to event, as far as it is there.
void read_members(const json::Value& settings, Operation& operation) {
  for (const auto& [name, value] : settings.members()) {
    if (name == "keys") {
      operation.keys = read_list(value);
    } else if (name == "tags") {
      operation.tags = read_list(value);
    } else if (name == "urls") {
      operation.urls = read_list(value);
    } else if (name == "key_pattern" && value.is_string()) {
      operation.key_pattern = value.text();
    } else if (name == "channel" && value.is_string()) {
      operation.channel = value.text();
    } else if (name == "value") {
      operation.value = value.is_string() ? value.text() : json::write(value);
    }
  }
}

/// What holds no template is as it was configured.
void take_missing(Operation& operation, const Operation& configured) {
  if (operation.keys.empty()) operation.keys = configured.keys;
  if (operation.tags.empty()) operation.tags = configured.tags;
  if (operation.urls.empty()) operation.urls = configured.urls;
  if (!operation.value) operation.value = configured.value;
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string list_words(const std::vector<std::string_view>& names) {
  return join({names.begin(), names.end()}, ", ");
}

const char* empty_member(const Operation& operation) {
  const auto has_empty = [](const std::vector<std::string>& texts) {
    return std::any_of(texts.begin(), texts.end(), [](const auto& text) { return text.empty(); });
  };
  if (has_empty(operation.keys)) return "a key";
  if (has_empty(operation.tags)) return "a tag";
  if (has_empty(operation.urls)) return "a URL";
  return nullptr;
}

}  // namespace

std::string_view kind_word(Kind kind) {
  return std::find_if(kKinds.begin(), kKinds.end(),
                      [&](const auto& entry) { return entry.second == kind; })
      ->first;
}

bool Operation::has(std::string_view member) const {
  if (member == "keys") return !keys.empty();
  if (member == "key_pattern") return !key_pattern.empty();
  if (member == "tags") return !tags.empty();
  if (member == "urls") return !urls.empty();
  if (member == "channel") return !channel.empty();
  if (member == "value") return value.has_value();
  return member == "ttl" && ttl.has_value();
}

Operation parse_operation(const json::Value& settings, const common::ProblemFn& problem) {
  Operation operation;
  const std::string word = settings.string_or("operation", "invalidate");
  for (const auto& [name, kind] : kKinds) {
    if (word == name) operation.kind = kind;
  }
  read_members(settings, operation);
  if (settings.find("ttl") != nullptr) {
    operation.ttl = common::read_duration(settings, "ttl", Milliseconds(0), problem);
  }
  const std::string& pattern = operation.key_pattern;
  if (!pattern.empty() && !has_literal_start(pattern)) {
    problem("/key_pattern",
            "must not begin with a wildcard: that could empty a cache that others are using");
  }
  return operation;
}

void check_shape(const Operation& operation, std::string_view flavour,
                 const std::vector<Shape>& shapes, const common::ProblemFn& problem) {
  const auto shape = std::find_if(shapes.begin(), shapes.end(), [&](const Shape& candidate) {
    return candidate.kind == operation.kind;
  });
  if (shape == shapes.end()) {
    std::vector<std::string> words;
    for (const Shape& candidate : shapes) words.emplace_back(kind_word(candidate.kind));
    problem("/operation", std::string(flavour) + " has no " +
                              std::string(kind_word(operation.kind)) + "; it has " +
                              join(words, ", "));
    return;
  }
  for (const char* const member : kMembers) {
    if (!operation.has(member) || contains(shape->targets, member) ||
        contains(shape->more, member)) {
      continue;
    }
    problem(std::string("/") + member, std::string(kind_word(operation.kind)) + " with " +
                                           std::string(flavour) + " has no use for it");
  }
  const bool has_target = std::any_of(shape->targets.begin(), shape->targets.end(),
                                      [&](std::string_view name) { return operation.has(name); });
  if (!has_target) {
    problem("", std::string(kind_word(operation.kind)) + " with " + std::string(flavour) +
                    " needs " + (shape->targets.size() > 1 ? "one of " : "") +
                    list_words(shape->targets));
  }
}

std::variant<Operation, sdk::Result> render_operation(const Operation& configured,
                                                      const sdk::Item& item) {
  Operation operation;
  operation.kind = configured.kind;
  operation.ttl = configured.ttl;
  operation.key_pattern = configured.key_pattern;
  operation.channel = configured.channel;
  if (!item.settings().empty()) {
    const auto rendered = json::parse(item.settings(), Code::ActionSettings);
    if (!rendered || !rendered->is_object()) {
      return sdk::rejected("bad_settings", "the rendered settings are not JSON");
    }
    read_members(*rendered, operation);
  }
  take_missing(operation, configured);
  if (const char* what = empty_member(operation)) {
    return sdk::rejected("cache_bad_key", std::string(what) + " is empty for this event");
  }
  if (operation.has("key_pattern") != configured.has("key_pattern") ||
      (operation.has("key_pattern") && !has_literal_start(operation.key_pattern))) {
    return sdk::rejected("cache_bad_pattern",
                         "the pattern of this event begins with a wildcard or is empty");
  }
  if (operation.channel.empty() && !configured.channel.empty()) {
    return sdk::rejected("cache_bad_key", "the channel is empty for this event");
  }
  if (operation.kind == Kind::Publish && !operation.value) operation.value = item.event();
  return operation;
}

}  // namespace observerd::cache
