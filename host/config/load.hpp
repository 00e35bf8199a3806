#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "base/units.hpp"
#include "config/settings.hpp"

namespace observerd::config {

/// The texts that a configuration was read from, to turn an origin into a place. A value type;
/// thread-safe once it is only read.
class Sources {
 public:
  /// Returns the source number to parse with.
  std::uint32_t add(std::string file, std::string text);
  Place place(json::Origin origin, std::string pointer = {}) const;
  /// The place of a member's name, given where its value is; the value's own place when a comment
  /// stands between the two.
  Place name_place(std::string_view name, json::Origin value, std::string pointer = {}) const;
  const std::string& text(std::uint32_t source) const;
  const std::string& file(std::uint32_t source) const;

 private:
  struct Source {
    std::string file;
    std::string text;
    std::vector<std::uint32_t> line_starts;  ///< so that a place costs a binary search
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
  /// What {"file"} and {"credential"} read; when empty, regular files of up to 1 MiB.
  std::function<Result<std::string>(const std::filesystem::path&)> read_file = {};
  static Environment process();
};

/// One text of a configuration: the main file first, then those of conf.d.
struct NamedText {
  std::string file;  ///< as error messages name it
  std::string text;
};

/// Reads FILE and conf.d/*.json beside it, merges and checks everything that can be checked without
/// plugins and without the database. All problems go to `diagnostics` (OB001, OB003 for a
/// condition, OB008 is left to the action's schema); nullopt when there is an error. Pointers are
/// those of the file that is named: observers of a second file count from 0 again.
std::optional<Configuration> load(const std::filesystem::path& file, const Environment& environment,
                                  Diagnostics& diagnostics);
/// The same, but with what could be read even when there are problems, so that later checks can
/// report theirs in the same run; nullopt only when a file is missing or no JSON. What it gives is
/// not fit to run with unless `diagnostics` is ok.
std::optional<Configuration> load_for_check(const std::filesystem::path& file,
                                            const Environment& environment,
                                            Diagnostics& diagnostics);
/// load() for who uses only these members of the document ("database", "observers"): references in
/// the others are not followed, and their settings are left as though they were not there.
std::optional<Configuration> load_members(const std::filesystem::path& file,
                                          const Environment& environment,
                                          const std::vector<std::string>& members,
                                          Diagnostics& diagnostics);
/// load() without a file system, for texts that are already there.
std::optional<Configuration> load_texts(std::vector<NamedText> texts,
                                        const Environment& environment, Diagnostics& diagnostics);

/// What resolving the references of one settings object gave.
struct Resolved {
  json::Value value;                 ///< references and x_env keys replaced: what bind gets
  json::Value masked;                ///< references kept, literal secrets "***": what may be shown
  std::vector<std::string> secrets;  ///< every secret value, to be masked wherever text is shown
};

/// Validates `settings` against `schema` (messages of our own: OB005, with place and pointer, near
/// names for unknown members, all problems) and resolves {"env"}, {"file"}, {"credential"} (with
/// optional "prefix") and `x_env` keys where the schema expects a string and not a free-form
/// object. A reference that cannot be resolved is OB001. `pointer` is where the settings stand in
/// the configuration; `near_names` are further names that a misspelt member may have meant.
std::optional<Resolved> resolve_settings(const json::Value& settings, const json::Value& schema,
                                         const Environment& environment, const Sources& sources,
                                         const std::string& pointer, Diagnostics& diagnostics,
                                         const std::vector<std::string>& near_names = {});
/// resolve_settings for an action; near names include those the host reads itself ("on_failure").
std::optional<Resolved> resolve_action(const ActionSettings& action, const json::Value& schema,
                                       const Environment& environment, const Sources& sources,
                                       Diagnostics& diagnostics);
/// resolve_settings for a module.
std::optional<Resolved> resolve_module(const ModuleSettings& module, const json::Value& schema,
                                       const Environment& environment, const Sources& sources,
                                       Diagnostics& diagnostics);

/// The schema of a type's action settings, or of its module's; nullptr when the type is not known.
enum class SchemaOf : unsigned char { Action, Module };
using SchemaLookup = std::function<const json::Value*(const std::string& type, SchemaOf of)>;

/// The merged document for `config show`: references as written, secrets "***". Without a schema a
/// setting is judged by its name.
json::Value masked_document(const Configuration& configuration, const SchemaLookup& schema = {});

/// The text with every secret replaced by "***". Longest first; secrets shorter than 4 characters
/// are left alone (they would blank out ordinary words).
std::string mask_secrets(std::string text, const std::vector<std::string>& secrets);

/// postgresql://user:***@host/db, host=x password=***; any URL, and password in a query too.
std::string masked_url(const std::string& url);

}  // namespace observerd::config
