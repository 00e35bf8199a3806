#include "plugin/library.hpp"

#include <dlfcn.h>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace observerd::plugin {
namespace {

struct Loaded {
  std::filesystem::path path;
  dev_t device;
  ino_t inode;
  std::string sha256;
  // Open for ever: the dynamic linker remembers "/proc/self/fd/N" as a name of this library, and
  // would hand it out again for another file that got the same number.
  Descriptor file;
  boost::dll::shared_library handle;
  Library library;
  Status entry_problem;  // loaded for ever all the same
};

/// The one list of what this process has loaded. Process-wide because the dynamic linker's list
/// is; never destroyed because the libraries are not unloaded either.
struct Process {
  std::mutex mutex;
  std::vector<std::unique_ptr<Loaded>> libraries;
};

Process& process() {
  static Process* const instance = new Process;
  return *instance;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Boost says "…: Bad file descriptor [system:9]", with dlerror's text in parentheses somewhere
/// before; dlerror speaks of /proc/self/fd/N.
std::string loader_message(std::string text, const std::string& name, const std::string& path) {
  if (const auto suffix = text.rfind(": Bad file descriptor"); suffix != std::string::npos) {
    text.resize(suffix);
  }
  constexpr std::string_view prefix =
      "boost::dll::shared_library::load() failed (dlerror system message: ";
  if (text.compare(0, prefix.size(), prefix) == 0) text.erase(0, prefix.size());
  if (!text.empty() && text.back() == ')') text.pop_back();
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + path.size())) {
    text.replace(at, name.size(), path);
  }
  return text;
}

Status load_problem(const std::string& reason, const std::string& path) {
  Status status = Status::error(Code::PluginLoad, "\"" + path + "\" cannot be loaded: " + reason);
  if (contains(reason, "undefined symbol")) {
    status.note(
        "the plugin was linked without a library it needs: link it with -Wl,-z,defs to find out at "
        "build time");
  } else if (contains(reason, "cannot open shared object file")) {
    status.note("see what is missing with: ldd '" + path + "'");
  } else if (contains(reason, "not found") && contains(reason, "version")) {
    status.note("it was built on a newer system than this one");
  } else if (contains(reason, "failed to map") || contains(reason, "Operation not permitted")) {
    status.note("the file system may be mounted noexec");
  }
  return status;
}

}  // namespace

Result<Library> load_library(Candidate candidate) {
  Process& all = process();
  const std::lock_guard lock(all.mutex);
  for (const auto& known : all.libraries) {
    const bool same_file = known->device == candidate.device && known->inode == candidate.inode;
    if (!same_file && known->path != candidate.real_path) continue;
    if (!known->entry_problem.ok()) return known->entry_problem;
    Library library = known->library;
    library.replaced_on_disk = !same_file || known->sha256 != candidate.sha256;
    return library;
  }

  const std::string name = "/proc/self/fd/" + std::to_string(candidate.file.get());
  const std::string path = candidate.real_path.string();
  auto loaded = std::make_unique<Loaded>();
  loaded->path = candidate.real_path;
  loaded->device = candidate.device;
  loaded->inode = candidate.inode;
  loaded->sha256 = std::move(candidate.sha256);
  loaded->file = std::move(candidate.file);
  observerd_plugin_entry_fn entry = nullptr;
  try {
    // Boost knows no name for RTLD_NODELETE; it passes bits that it does not know on to dlopen.
    // The throwing overload: the other one loses the text of dlerror.
    loaded->handle.load(name, static_cast<boost::dll::load_mode::type>(
                                  boost::dll::load_mode::rtld_now |
                                  boost::dll::load_mode::rtld_local | RTLD_NODELETE));
    entry = &loaded->handle.get<const observerd_plugin*()>("observerd_plugin_entry_v1");
  } catch (const std::exception& e) {
    return load_problem(loader_message(e.what(), name, path), path);
  }
  loaded->library.setup = std::make_shared<std::mutex>();
  Loaded& kept = *all.libraries.emplace_back(std::move(loaded));
  try {
    kept.library.table = entry();
    if (kept.library.table == nullptr) {
      kept.entry_problem = load_problem("its entry function returned NULL", path);
    }
  } catch (...) {
    kept.entry_problem = load_problem("its entry function threw an exception", path);
  }
  if (!kept.entry_problem.ok()) return kept.entry_problem;
  return kept.library;
}

}  // namespace observerd::plugin
