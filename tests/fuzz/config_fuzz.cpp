// Configurations, schemas and settings of any bytes: no crash, no endless loop, and every problem
// has a sentence. Input: up to three texts with a byte 0x1E between them: configuration, settings,
// schema. A text that is missing is empty.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/load.hpp"
#include "config/schema.hpp"

namespace {

using namespace observerd;

config::Environment environment() {
  config::Environment out;
  out.variable = [](const std::string& name) -> std::optional<std::string> {
    if (name.empty() || name.front() != 'A') return std::nullopt;
    return "value of " + name;
  };
  out.credentials_directory = "/nowhere";
  out.read_file = [](const std::filesystem::path&) -> Result<std::string> {
    return Status::error(Code::Configuration, "no files here");
  };
  return out;
}

void require(bool promise) {
  if (!promise) std::abort();
}

void check_errors(const Diagnostics& diagnostics) {
  for (const Status& error : diagnostics.errors()) {
    require(!error.message().empty());
    require(error.to_string().starts_with("OB0"));
  }
}

void try_configuration(std::string_view text) {
  Diagnostics diagnostics;
  const auto loaded = config::load_texts({{"a", std::string(text)}, {"b", std::string(text)}},
                                         environment(), diagnostics);
  check_errors(diagnostics);
  require(loaded.has_value() == diagnostics.ok());
  if (loaded) config::masked_document(*loaded);
}

void try_settings(std::string_view settings_text, std::string_view schema_text) {
  const auto settings = json::parse(settings_text, Code::Configuration);
  const auto schema = json::parse(schema_text, Code::PluginLoad);
  if (!settings || !schema) return;
  const bool usable = config::check_schema(*schema).ok();
  config::Sources sources;
  sources.add("s", std::string(settings_text));
  Diagnostics diagnostics;
  const auto resolved =
      config::resolve_settings(*settings, *schema, environment(), sources, "", diagnostics);
  check_errors(diagnostics);
  require(resolved.has_value() == diagnostics.ok());
  bool endless = false;
  config::validate_schema(*settings, *schema,
                          [&](const std::string&, const json::Value&, const std::string& sentence) {
                            require(!sentence.empty());
                            endless |= sentence.find("refers to itself") != std::string::npos;
                          });
  require(!usable || !endless);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr char kSeparator = 0x1E;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t first = std::min(input.find(kSeparator), size);
  const std::size_t second = std::min(input.find(kSeparator, first + 1), size);
  try_configuration(input.substr(0, first));
  config::masked_url(std::string(input.substr(0, first)));
  if (first < size) {
    try_settings(input.substr(first + 1, second - first - 1),
                 second < size ? input.substr(second + 1) : std::string_view("{}"));
  }
  return 0;
}
