#include "config/references.hpp"

#include <algorithm>

#include "base/strings.hpp"
#include "config/files.hpp"
#include "config/words.hpp"

namespace observerd::config {
namespace {

constexpr std::string_view kSuffix = "_env";
constexpr std::size_t kLargestSecret = 1 << 20;
const std::vector<std::string>& kinds() {
  static const std::vector<std::string> kKinds = {"env", "file", "credential"};
  return kKinds;
}

Status problem(std::string message) {
  return Status::error(Code::Configuration, std::move(message));
}

Result<Referenced> as_text(const std::string& text, const std::string& what) {
  if (!is_valid_utf8(text) || text.find('\0') != std::string::npos) {
    return problem(what + " does not hold text: it is not UTF-8");
  }
  return Referenced{text, text};
}

Result<Referenced> read(const std::filesystem::path& path, const std::string& what,
                        const Environment& environment) {
  Result<std::string> text =
      environment.read_file ? environment.read_file(path) : read_text_file(path, kLargestSecret);
  if (!text) return text.status().context("cannot read " + what);
  if (!text->empty() && text->back() == '\n') text->pop_back();
  return as_text(*text, what);
}

Result<Referenced> read_relative(const json::Value& reference, const std::string& name,
                                 const Environment& environment, const Sources& sources) {
  if (name.empty() || name.find('\0') != std::string::npos)
    return problem("\"file\" names no file");
  std::filesystem::path path(name);
  if (path.is_relative()) {
    path = std::filesystem::path(sources.file(reference.origin().source)).parent_path() / path;
  }
  return read(path, "the file " + path.string(), environment);
}

Result<Referenced> read_credential(const std::string& name, const Environment& environment) {
  // The names that systemd.exec(5) allows: one file in one directory.
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos ||
      name.find('\0') != std::string::npos) {
    return problem(in_quotes(name) + " is no credential's name: it must be a plain file name");
  }
  if (environment.credentials_directory.empty()) {
    return problem("there is no credential " + in_quotes(name) +
                   ": CREDENTIALS_DIRECTORY is not set (systemd sets it for LoadCredential=)")
        .note("systemctl reload observerd checks with the service's credentials; in a shell:")
        .note(
            "systemd-run --pty -p LoadCredential=secret:/etc/observerd/credentials -p "
            "User=observerd observerd check");
  }
  const auto path = std::filesystem::path(environment.credentials_directory) / name;
  return read(path, "the credential " + in_quotes(name), environment);
}

/// What is wrong with the shape of a reference, or "".
std::string shape_problem(const json::Value& reference) {
  std::size_t count = 0;
  std::vector<std::string> allowed = kinds();
  allowed.emplace_back("prefix");
  for (const auto& [name, value] : reference.members()) {
    if (name != "prefix") ++count;
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
      return "unknown member " + in_quotes(name) + " of a reference" + did_you_mean(name, allowed);
    }
    if (!value.is_string()) return in_quotes(name) + ' ' + must_be("a string", value);
  }
  return count == 1 ? "" : "a reference has only one of \"env\", \"file\" and \"credential\"";
}

}  // namespace

bool looks_like_reference(const json::Value& value) {
  if (!value.is_object()) return false;
  for (const std::string& kind : kinds()) {
    if (value.find(kind) != nullptr) return true;
  }
  return false;
}

Result<Referenced> read_variable(const std::string& name, const Environment& environment) {
  std::optional<std::string> text;
  if (!name.empty() && environment.variable) text = environment.variable(name);
  if (!text) return problem("the environment variable " + in_quotes(name) + " is not set");
  return as_text(*text, "the environment variable " + in_quotes(name));
}

Status check_reference(const json::Value& reference) {
  std::string sentence = shape_problem(reference);
  return sentence.empty() ? Status() : problem(std::move(sentence));
}

Result<Referenced> read_reference(const json::Value& reference, const Environment& environment,
                                  const Sources& sources) {
  if (Status bad = check_reference(reference); !bad.ok()) return bad;
  Result<Referenced> found = problem("");
  if (const json::Value* name = reference.find("env")) {
    found = read_variable(name->text(), environment);
  } else if (const json::Value* path = reference.find("file")) {
    found = read_relative(reference, path->text(), environment, sources);
  } else {
    found = read_credential(reference.find("credential")->text(), environment);
  }
  if (found) found->text.insert(0, reference.string_or("prefix"));
  return found;
}

std::string_view short_form_base(std::string_view name) {
  if (name.size() <= kSuffix.size() || !name.ends_with(kSuffix)) return {};
  return name.substr(0, name.size() - kSuffix.size());
}

}  // namespace observerd::config
