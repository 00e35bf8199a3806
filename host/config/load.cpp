#include "config/load.hpp"

#include <algorithm>

#include "config/files.hpp"
#include "config/merge.hpp"
#include "config/readers.hpp"

namespace observerd::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestFile = 256 << 20;

Status cannot_read(const std::string& file, const std::string& reason) {
  Place place;
  place.file = file;
  return Status::error(Code::Configuration, "cannot be read: " + reason).at(place);
}

/// conf.d/*.json beside the main file, in name order. Hidden files are an editor's own.
std::vector<fs::path> fragments(const fs::path& file, Diagnostics& diagnostics) {
  const fs::path directory = file.parent_path() / "conf.d";
  std::vector<fs::path> out;
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (name.ends_with(".json") && !name.starts_with(".")) out.push_back(entries->path());
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    diagnostics.add(cannot_read(directory.string(), error.message()));
  }
  std::sort(out.begin(), out.end(), [](const fs::path& a, const fs::path& b) {
    return a.filename().string() < b.filename().string();
  });
  return out;
}

std::vector<NamedText> read_texts(const fs::path& file, Diagnostics& diagnostics) {
  std::vector<fs::path> paths = {file};
  for (fs::path& fragment : fragments(file, diagnostics)) paths.push_back(std::move(fragment));
  std::vector<NamedText> out;
  for (const fs::path& path : paths) {
    Result<std::string> text = read_text_file(path, kLargestFile);
    if (text) {
      out.push_back({path.string(), *std::move(text)});
    } else {
      diagnostics.add(cannot_read(path.string(), text.status().message()));
    }
  }
  return out;
}

/// A byte order mark says nothing in UTF-8; blanked, so that places stay true.
void blank_byte_order_mark(std::string& text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.replace(0, 3, "   ");
}

/// Parses and merges; false when some file is not all there.
bool merge_texts(std::vector<NamedText> texts, const Reading& reading, Sources& sources,
                 json::Value& merged) {
  bool complete = true;
  bool first = true;
  for (NamedText& text : texts) {
    blank_byte_order_mark(text.text);
    const std::uint32_t source = sources.add(std::move(text.file), std::move(text.text));
    json::ParseOptions options;
    options.comments = true;
    options.source = source;
    Result<json::Value> parsed = json::parse(sources.text(source), Code::Configuration, options);
    if (!parsed) {
      Status problem = parsed.status();
      Place place = problem.place();
      place.file = sources.file(source);
      reading.diagnostics.add(problem.at(std::move(place)));
      complete = false;
      continue;
    }
    complete = check_document(reading, *parsed) && complete;
    if (first) {
      merged = *std::move(parsed);
    } else {
      merge_document(merged, *std::move(parsed));
    }
    first = false;
  }
  return complete;
}

/// How a configuration is wanted.
struct Wanted {
  bool partial = false;                            ///< also when there are problems
  const std::vector<std::string>* used = nullptr;  ///< see Reading
};

std::optional<Configuration> assemble(std::vector<NamedText> texts, const Environment& environment,
                                      Diagnostics& diagnostics, bool complete,
                                      const Wanted& wanted) {
  Configuration out;
  out.merged = json::Value::object();
  Diagnostics found;
  Reading reading{out.sources, environment, found, complete};
  reading.used = wanted.used;
  reading.complete =
      merge_texts(std::move(texts), reading, out.sources, out.merged) && reading.complete;
  read_settings(reading, out.merged, out.settings);
  diagnostics.append(found);
  if (!found.ok() && !(wanted.partial && reading.complete)) return std::nullopt;
  return out;
}

std::optional<Configuration> load_file(const fs::path& file, const Environment& environment,
                                       Diagnostics& diagnostics, const Wanted& wanted) {
  Diagnostics unreadable;
  std::vector<NamedText> texts = read_texts(file, unreadable);
  diagnostics.append(unreadable);
  std::optional<Configuration> out =
      assemble(std::move(texts), environment, diagnostics, unreadable.ok(), wanted);
  if (!unreadable.ok()) return std::nullopt;
  return out;
}

}  // namespace

void read_settings(const Reading& reading, const json::Value& document, Settings& out) {
  Section root(reading, &document, document, "");
  root.member("$schema");
  out.database = read_database(reading, root, document);
  out.plugins = read_plugins(reading, root, document);
  const DeliverySettings defaults = read_defaults(reading, root, document);
  out.entities = read_entities(reading, root, document);
  out.runtime = read_runtime(reading, root, document, out, defaults);
  out.admin = read_admin(reading, root, document);
  out.log = read_log(reading, root, document);
  out.observers = read_observers(reading, root, out, defaults);
  root.finish();
}

std::optional<Configuration> load(const fs::path& file, const Environment& environment,
                                  Diagnostics& diagnostics) {
  return load_file(file, environment, diagnostics, {});
}

std::optional<Configuration> load_members(const fs::path& file, const Environment& environment,
                                          const std::vector<std::string>& members,
                                          Diagnostics& diagnostics) {
  return load_file(file, environment, diagnostics, {false, &members});
}

std::optional<Configuration> load_for_check(const fs::path& file, const Environment& environment,
                                            Diagnostics& diagnostics) {
  return load_file(file, environment, diagnostics, {true, nullptr});
}

std::optional<Configuration> load_texts(std::vector<NamedText> texts,
                                        const Environment& environment, Diagnostics& diagnostics) {
  return assemble(std::move(texts), environment, diagnostics, true, {});
}

}  // namespace observerd::config
