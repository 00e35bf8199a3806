#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/load.hpp"

namespace observerd::config::testing {

/// An environment with just these variables and, by path, these files.
inline Environment environment(std::map<std::string, std::string> variables = {},
                               std::map<std::string, std::string> files = {}) {
  Environment out;
  out.variable = [variables =
                      std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  out.read_file = [files =
                       std::move(files)](const std::filesystem::path& path) -> Result<std::string> {
    const auto found = files.find(path.string());
    if (found != files.end()) return found->second;
    return Status::error(Code::Configuration, "No such file or directory");
  };
  return out;
}

/// The first line of each error.
inline std::vector<std::string> first_lines(const Diagnostics& diagnostics) {
  std::vector<std::string> out;
  for (const Status& error : diagnostics.errors()) {
    const std::string text = error.to_string();
    out.push_back(text.substr(0, text.find('\n')));
  }
  return out;
}

struct Loaded {
  std::optional<Configuration> configuration;
  Diagnostics diagnostics;

  const Settings& settings() const { return configuration->settings; }
  std::vector<std::string> errors() const { return first_lines(diagnostics); }
};

inline Loaded load_named(std::vector<NamedText> texts, const Environment& environment) {
  Loaded out;
  out.configuration = load_texts(std::move(texts), environment, out.diagnostics);
  return out;
}

inline Loaded load_one(std::string text, const Environment& from = environment()) {
  return load_named({{"f.json", std::move(text)}}, from);
}

/// A configuration that is right, with `members` added to it.
inline std::string with(const std::string& members) {
  return "{\"database\":{\"url\":\"postgresql://h/d\"},\n" + members + "}";
}

/// One right observer with `members` added to it, and its action with `action_members`.
inline std::string with_observer(const std::string& members,
                                 const std::string& action_members = {}) {
  return with("\"observers\":[{\"name\":\"o\",\"entity\":\"E\",\n" + members +
              "\"actions\":[{\"type\":\"t\",\n" + action_members + "}]}]");
}

inline json::Value parsed(const std::string& text) {
  json::ParseOptions options;
  options.comments = true;
  Result<json::Value> value = json::parse(text, Code::Configuration, options);
  EXPECT_TRUE(value.ok()) << value.status().to_string();
  return value.ok() ? *value : json::Value();
}

}  // namespace observerd::config::testing
