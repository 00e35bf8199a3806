#include "support/node_receiver.hpp"

#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace observerd::testing {
namespace {

constexpr const char* kScripts = OBSERVERD_SOURCE_DIR "/tests/receivers/";

}  // namespace

NodeReceiver::NodeReceiver(const std::string& script, const std::vector<std::string>& arguments,
                           const std::vector<std::string>& environment)
    : process_([=](int port) {
        std::vector<std::string> words{"/usr/bin/env"};
        words.insert(words.end(), environment.begin(), environment.end());
        words.insert(words.end(), {"node", kScripts + script, std::to_string(port)});
        words.insert(words.end(), arguments.begin(), arguments.end());
        return words;
      }) {}

std::string NodeReceiver::missing(const std::string& package) {
  if (find_program("node").empty()) return "NO NODE";
  if (package.empty() || std::filesystem::exists(packages() + "/node_modules/" + package))
    return {};
  return "NO PACKAGE " + package + " in " + packages() + ": run tests/receivers/install.sh";
}

std::string NodeReceiver::packages() {
  return OBSERVERD_BUILD_DIR "/receivers";
}

std::string NodeReceiver::url(const std::string& path, const std::string& scheme) const {
  return scheme + "://127.0.0.1:" + std::to_string(port()) + path;
}

std::vector<json::Value> NodeReceiver::lines() const {
  std::vector<json::Value> lines;
  std::istringstream all(process_.output());
  for (std::string line; std::getline(all, line);) {
    if (all.eof()) break;  // not ended yet
    auto value = json::parse(line, Code::ActionFailed);
    if (!value) throw std::runtime_error("the receiver wrote: " + line);
    lines.push_back(*std::move(value));
  }
  return lines;
}

}  // namespace observerd::testing
