#include "support/readme.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "base/json.hpp"

namespace observerd::testing {

std::vector<std::string> readme_blocks(const std::string& type, const std::string& language) {
  const std::string file = OBSERVERD_SOURCE_DIR "/plugins/" + type + "/README.md";
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  const std::string begin = "```" + language + "\n";
  std::vector<std::string> blocks;
  for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
    at += begin.size();
    blocks.push_back(text.substr(at, text.find("```", at) - at));
  }
  if (blocks.empty()) throw std::runtime_error("no example in " + file);
  return blocks;
}

std::vector<std::string> objects_of(const std::string& block) {
  std::vector<std::string> objects;
  for (std::size_t begin = 0; begin != std::string::npos;) {
    const std::size_t next = block.find("\n{ ", begin);
    const std::size_t end = next == std::string::npos ? next : next + 1;
    objects.push_back(block.substr(begin, end - begin));
    begin = end;
  }
  return objects;
}

std::string settings_of(const std::string& example) {
  const auto action = json::parse(example, Code::Configuration);
  if (!action) throw std::runtime_error(action.status().to_string());
  json::Value settings = json::Value::object();
  for (const auto& [name, value] : action->members()) {
    if (name != "type") settings.set(name, value);
  }
  return json::write(settings);
}

void ReadmeTrial::set_variable(const std::string& name, const std::string& value) {
  variables_.push_back(name + "=" + value);
}

void ReadmeTrial::set_credential(const std::string& name, const std::string& text) {
  folder_.write(name, text);
}

void ReadmeTrial::configure(const std::string& configuration) {
  std::filesystem::create_directory(folder_.path() / "conf.d");
  folder_.write("conf.d/plugins.json", configuration);
}

void ReadmeTrial::configure_module(const std::string& type, const std::string& settings) {
  configure(R"({"plugins": {"settings": {)" + json::quote(type) + ": " + settings + "}}}");
}

std::string ReadmeTrial::shown(const std::vector<std::string>& actions,
                               const std::string& event) const {
  return run(actions, event, {});
}

std::string ReadmeTrial::sent(const std::vector<std::string>& actions,
                              const std::string& event) const {
  return run(actions, event, {"--send"});
}

std::string ReadmeTrial::run(const std::vector<std::string>& actions, const std::string& event,
                             const std::vector<std::string>& options) const {
  std::string observers;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    observers += std::string(i == 0 ? "" : ", ") + R"({"name": "orders-)" + std::to_string(i + 1) +
                 R"(", "entity": "Order", "actions": [)" + actions[i] + "]}";
  }
  const std::string configuration = folder_.write(
      "observerd.json", R"({"database": {"url": "postgresql://localhost/none"},)"
                        R"( "plugins": {"directories": [")" OBSERVERD_BUILD_DIR R"(/plugins"]},)"
                        R"( "observers": [)" +
                            observers + "]}");
  std::vector<std::string> words{"env", "CREDENTIALS_DIRECTORY=" + folder_.path().string()};
  words.insert(words.end(), variables_.begin(), variables_.end());
  words.insert(words.end(), {OBSERVERD_BUILD_DIR "/bin/observerd", "test", "--config",
                             configuration, "--event", folder_.write("event.json", event)});
  words.insert(words.end(), options.begin(), options.end());
  return run_program(words);
}

}  // namespace observerd::testing
