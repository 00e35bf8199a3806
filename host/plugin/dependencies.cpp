#include "plugin/dependencies.hpp"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "config/files.hpp"
#include "plugin/elf_image.hpp"
#include "plugin/linker_cache.hpp"

namespace observerd::plugin {
namespace {

namespace fs = std::filesystem;

/// What a file says about the libraries it needs.
struct Links {
  std::string path;
  std::string origin;  ///< what $ORIGIN stands for; "" for a plugin's own
  std::vector<std::string> needed;
  std::vector<std::string> rpath, runpath;  ///< as written
  bool has_runpath = false;
  bool no_defaults = false;          ///< DF_1_NODEFLIB
  const Links* needed_by = nullptr;  ///< the chain whose DT_RPATH counts as well
};

constexpr std::size_t kLargestFile = std::size_t{512} << 20;

std::vector<std::string> split(const std::string& directories) {
  std::vector<std::string> out;
  std::istringstream stream(directories);
  for (std::string one; std::getline(stream, one, ':');) {
    if (!one.empty()) out.push_back(one);
  }
  return out;
}

std::string text_at(std::string_view strings, std::uint64_t at) {
  if (at >= strings.size()) return {};
  const std::string_view rest = strings.substr(at);
  return std::string(rest.substr(0, rest.find('\0')));
}

Result<Links> read_links(const fs::path& path) {
  const Result<std::string> bytes = config::read_text_file(path, kLargestFile);
  if (!bytes) {
    return Status::error(Code::PluginLoad, "cannot be read: " + bytes.status().message());
  }
  const Result<ElfImage> image = ElfImage::open(*bytes);
  if (!image) return image.status();
  Links out;
  out.path = path.string();
  out.origin = path.parent_path().string();
  const auto dynamic = image->dynamic();
  if (!dynamic) return out;
  const std::string_view strings = image->strings(*dynamic);
  for (const ElfImage::Dynamic& entry : *dynamic) {
    const std::uint64_t value = entry.d_un.d_val;
    if (entry.d_tag == DT_NEEDED) out.needed.push_back(text_at(strings, value));
    if (entry.d_tag == DT_RPATH) out.rpath = split(text_at(strings, value));
    if (entry.d_tag == DT_RUNPATH) {
      out.runpath = split(text_at(strings, value));
      out.has_runpath = true;
    }
    if (entry.d_tag == DT_FLAGS_1) out.no_defaults = (value & DF_1_NODEFLIB) != 0;
  }
  return out;
}

bool has_origin(const std::string& directory) {
  return directory.find("$ORIGIN") != std::string::npos ||
         directory.find("${ORIGIN}") != std::string::npos;
}

/// The directory with $ORIGIN replaced; "" where it stands for nothing that can be searched.
std::string expanded(std::string directory, const std::string& origin) {
  for (const std::string token : {"$ORIGIN", "${ORIGIN}"}) {
    for (std::size_t at = 0; (at = directory.find(token)) != std::string::npos;) {
      if (origin.empty()) return {};
      directory.replace(at, token.size(), origin);
    }
  }
  return directory;
}

class Search {
 public:
  explicit Search(const LinkerPaths& paths) : paths_(paths) {
    if (auto cache = config::read_text_file(paths.cache, kLargestFile)) cache_ = *std::move(cache);
  }

  Result<std::vector<MissingLibrary>> run(const fs::path& file) {
    Result<Links> plugin = read_links(file);
    if (!plugin) return plugin.status();
    plugin->origin.clear();
    files_.push_back(*std::move(plugin));
    // Breadth first, as the linker does; files_ grows meanwhile and its elements stay in place.
    for (std::size_t i = 0; i < files_.size(); ++i) {
      for (const std::string& name : files_[i].needed) resolve(name, files_[i]);
    }
    return std::move(missing_);
  }

 private:
  void resolve(const std::string& name, const Links& by) {
    if (name.empty() || !seen_.insert(name).second) return;
    if (std::find(paths_.loaded.begin(), paths_.loaded.end(), name) != paths_.loaded.end()) return;
    std::optional<Links> found =
        name.find('/') != std::string::npos ? read_if_usable(name) : find(name, by);
    if (!found) {
      missing_.push_back({name, by.path, looks_beside_itself(by)});
      return;
    }
    found->needed_by = &by;
    files_.push_back(*std::move(found));
  }

  static bool looks_beside_itself(const Links& file) {
    return file.origin.empty() &&
           (std::any_of(file.runpath.begin(), file.runpath.end(), has_origin) ||
            std::any_of(file.rpath.begin(), file.rpath.end(), has_origin));
  }

  /// nullopt for what the linker would pass over: unreadable, or of another architecture.
  static std::optional<Links> read_if_usable(const fs::path& path) {
    Result<Links> links = read_links(path);
    if (!links) return std::nullopt;
    return *std::move(links);
  }

  std::optional<Links> find(const std::string& name, const Links& by) const {
    std::optional<Links> found;
    if (!by.has_runpath) {
      for (const Links* file = &by; file != nullptr && !found; file = file->needed_by) {
        if (!file->has_runpath) found = find_in(file->rpath, file->origin, name);
      }
    }
    if (!found) found = find_in(paths_.directories, "", name);
    if (!found) found = find_in(by.runpath, by.origin, name);
    if (found || by.no_defaults) return found;
    for (const std::string& path : cached_paths(cache_, name)) {
      found = read_if_usable(path);
      if (found) return found;
    }
    return find_in(paths_.defaults, "", name);
  }

  static std::optional<Links> find_in(const std::vector<std::string>& directories,
                                      const std::string& origin, const std::string& name) {
    for (const std::string& written : directories) {
      const std::string directory = expanded(written, origin);
      if (directory.empty()) continue;
      if (auto found = read_if_usable(fs::path(directory) / name)) return found;
    }
    return std::nullopt;
  }

  const LinkerPaths& paths_;
  std::string cache_;
  std::deque<Links> files_;
  std::set<std::string> seen_;
  std::vector<MissingLibrary> missing_;
};

int note_loaded(dl_phdr_info* info, std::size_t, void* names) {
  if (info->dlpi_name != nullptr && *info->dlpi_name != '\0') {
    static_cast<std::vector<std::string>*>(names)->push_back(
        fs::path(info->dlpi_name).filename().string());
  }
  return 0;
}

}  // namespace

LinkerPaths LinkerPaths::process() {
  LinkerPaths out;
  if (const char* path = ::secure_getenv("LD_LIBRARY_PATH")) {
    out.directories = split(path);
  }
#if defined(__x86_64__)
  const std::string multiarch = "x86_64-linux-gnu";
#elif defined(__aarch64__)
  const std::string multiarch = "aarch64-linux-gnu";
#elif defined(__riscv)
  const std::string multiarch = "riscv64-linux-gnu";
#elif defined(__powerpc64__)
  const std::string multiarch = "powerpc64le-linux-gnu";
#else
  const std::string multiarch = "s390x-linux-gnu";
#endif
  // Debian's linker knows the first two, others the rest; a file of another class is passed over.
  out.defaults = {"/lib/" + multiarch, "/usr/lib/" + multiarch, "/lib64", "/usr/lib64", "/lib",
                  "/usr/lib"};
  ::dl_iterate_phdr(note_loaded, &out.loaded);
  return out;
}

Result<std::vector<MissingLibrary>> missing_libraries(const fs::path& file,
                                                      const LinkerPaths& paths) {
  return Search(paths).run(file);
}

Status check_libraries(const fs::path& file, const std::vector<MissingLibrary>& missing) {
  if (missing.empty()) return {};
  std::string names;
  bool by_origin = false;
  for (const MissingLibrary& one : missing) {
    names += (names.empty() ? "" : ", ") + one.name;
    if (fs::path(one.needed_by) != file) names += " (for " + one.needed_by + ")";
    by_origin = by_origin || one.by_origin;
  }
  Status status = Status::error(Code::PluginLoad, "\"" + file.string() + "\" needs " + names +
                                                      ", which the dynamic linker would not find");
  if (by_origin) {
    status.note(
        "its run path says $ORIGIN, which does not point to a plugin's directory: plugins are "
        "loaded through a descriptor");
  }
  return status.note(
      "install the libraries where ldconfig finds them, or link them into the plugin");
}

}  // namespace observerd::plugin
