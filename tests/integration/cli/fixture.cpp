#include "fixture.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "config/schema.hpp"

namespace observerd::testing {
namespace {

std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

json::Value parsed(const std::string& output) {
  Result<json::Value> value = json::parse(output, Code::Configuration);
  if (!value) throw std::runtime_error(value.status().to_string() + "\n" + output);
  return std::move(*value);
}

std::string against_schema(const std::string& name, const std::string& output) {
  const json::Value schema =
      parsed(read_text(OBSERVERD_SOURCE_DIR "/config/schema/" + name + ".json"));
  if (const Status status = config::check_schema(schema); !status.ok()) return status.to_string();
  std::string problems;
  config::validate_schema(
      parsed(output), schema,
      [&](const std::string& pointer, const json::Value&, const std::string& sentence) {
        problems += pointer + ": " + sentence + '\n';
      });
  return problems;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> list;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) list.push_back(line);
  return list;
}

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) throw std::runtime_error("cannot write " + file.string());
}

std::string event_file(const Installation& installation, const std::string& json) {
  const std::filesystem::path file = installation.directory() / "event.json";
  write_text(file, json);
  return file;
}

void write_main(const Installation& installation, const std::string& json) {
  write_text(installation.config_file(), json);
}

EnvironmentVariable::EnvironmentVariable(std::string name, const std::string& value)
    : name_(std::move(name)) {
  if (const char* before = std::getenv(name_.c_str())) before_ = before;
  ::setenv(name_.c_str(), value.c_str(), 1);
}

EnvironmentVariable::~EnvironmentVariable() {
  if (before_) {
    ::setenv(name_.c_str(), before_->c_str(), 1);
  } else {
    ::unsetenv(name_.c_str());
  }
}

}  // namespace observerd::testing
