#include "check/loader.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>

#include <cerrno>
#include <system_error>

#include "plugin/library.hpp"

namespace observerd::check {
namespace {

Status named(const std::string& path, const Status& status) {
  Status whole = Status::error(Code::PluginLoad, "\"" + path + "\" " + status.message());
  for (const std::string& note : status.notes()) whole.note(note);
  return whole;
}

bool has_text_relocations(void* handle) {
  link_map* map = nullptr;
  if (::dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0) return false;
  for (const ElfW(Dyn)* entry = map->l_ld; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_TEXTREL) return true;
    if (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0) return true;
  }
  return false;
}

}  // namespace

Result<plugin::Candidate> open_file(const std::string& path) {
  plugin::Candidate candidate;
  // O_NONBLOCK: nobody waits for the writer of a FIFO.
  candidate.file =
      plugin::Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (candidate.file.get() < 0) {
    return named(path, Status::error(Code::PluginLoad, "cannot be opened: " +
                                                           std::generic_category().message(errno)));
  }
  candidate.real_path = path;
  if (const Status bad = plugin::read_candidate(candidate); !bad.ok()) return named(path, bad);
  if (!candidate.elf.note) {
    return named(path, plugin::check_note(candidate.elf.note, plugin::HostAbi()));
  }
  return candidate;
}

Result<Loaded> Loader::load() {
  if (loaded_) return *loaded_;
  plugin::Candidate copy;
  copy.file = plugin::Descriptor(::fcntl(file_.file.get(), F_DUPFD_CLOEXEC, 3));
  copy.real_path = file_.real_path;
  copy.device = file_.device;
  copy.inode = file_.inode;
  copy.sha256 = file_.sha256;
  const std::string name = "/proc/self/fd/" + std::to_string(copy.file.get());
  Result<plugin::Library> library = plugin::load_library(std::move(copy));
  void* handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
  mapped_ = handle != nullptr;
  if (!library) {
    loaded_.emplace(library.status());
    return *loaded_;
  }
  Loaded loaded;
  loaded.table = library->table;
  loaded.entry =
      reinterpret_cast<observerd_plugin_entry_fn>(::dlsym(handle, "observerd_plugin_entry_v1"));
  loaded.text_relocations = has_text_relocations(handle);
  loaded_.emplace(loaded);
  return *loaded_;
}

bool Loader::is_mapped() {
  return load().ok() || mapped_;
}

Result<std::vector<plugin::ActionType>> Loader::types() {
  const Result<Loaded> loaded = load();
  if (!loaded) return loaded.status();
  if (!table_) {
    Result<plugin::PluginTable> table = plugin::read_table(loaded->table, *file_.elf.note);
    if (!table) return table.status();
    table_ = *std::move(table);
  }
  std::vector<plugin::ActionType> types;
  for (std::size_t i = 0; i < table_->actions.size(); ++i) {
    types.push_back(plugin::describe(table_->facts.types[i]));
    types.back().table = &table_->actions[i];
  }
  return types;
}

}  // namespace observerd::check
