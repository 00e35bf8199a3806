#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "config/settings.hpp"

namespace observerd::config {

/// The texts that a configuration was read from, to turn an origin into a place.
class Sources {
 public:
  /// Returns the source number to parse with.
  std::uint32_t add(std::string file, std::string text);
  Place place(json::Origin origin, std::string pointer = {}) const;
  const std::string& text(std::uint32_t source) const;
  const std::string& file(std::uint32_t source) const;

 private:
  struct Source {
    std::string file;
    std::string text;
  };
  std::vector<Source> sources_;
};

/// A configuration, loaded: settings to work with, and what error messages and `config show` need.
struct Configuration {
  Settings settings;
  json::Value merged;  ///< the merged document, references unresolved
  Sources sources;
};

/// Environment and files, injected so that tests decide them.
struct Environment {
  std::function<std::optional<std::string>(const std::string&)> variable;
  std::string credentials_directory;  ///< $CREDENTIALS_DIRECTORY, or ""
  static Environment process();
};

/// Reads FILE and conf.d/*.json beside it, merges and checks everything that can be checked without
/// plugins and without the database. All problems go to `diagnostics` (OB001, OB003 for a
/// condition, OB008 is left to the action's schema); nullopt when there is an error.
std::optional<Configuration> load(const std::filesystem::path& file, const Environment& environment,
                                  Diagnostics& diagnostics);

/// What resolving the references of one settings object gave.
struct Resolved {
  json::Value value;                 ///< references and x_env keys replaced: what bind gets
  json::Value masked;                ///< references kept, literal secrets "***": what may be shown
  std::vector<std::string> secrets;  ///< every secret value, to be masked wherever text is shown
};

/// Validates `settings` against `schema` (messages of our own: OB005, with place and pointer, near
/// names for unknown members, all problems) and resolves {"env"}, {"file"}, {"credential"} (with
/// optional "prefix") and `x_env` keys where the schema expects a string. `pointer` is where the
/// settings stand in the configuration.
std::optional<Resolved> resolve_settings(const json::Value& settings, const json::Value& schema,
                                         const Environment& environment, const Sources& sources,
                                         const std::string& pointer, Diagnostics& diagnostics);

/// The text with every secret replaced by "***". Longest first; secrets shorter than 4 characters
/// are left alone (they would blank out ordinary words).
std::string mask_secrets(std::string text, const std::vector<std::string>& secrets);

/// postgresql://user:***@host/db
std::string masked_url(const std::string& url);

/// "1500ms", "30s", "5m", "1h", "7d"; nullopt when malformed or out of range.
std::optional<Milliseconds> parse_duration(std::string_view text);
/// "64MiB", "10kB", "1000"
std::optional<std::int64_t> parse_bytes(std::string_view text);

}  // namespace observerd::config
