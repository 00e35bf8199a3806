#include "plugin/registry.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "base/strings.hpp"
#include "plugin/candidate.hpp"
#include "plugin/library.hpp"
#include "plugin/negotiation.hpp"
#include "plugin/runner/handshake.hpp"
#include "plugin/runner/program.hpp"
#include "plugin/runner/runner_list.hpp"

namespace observerd::plugin {
namespace {

namespace fs = std::filesystem;
using FileId = std::pair<dev_t, ino_t>;

Status problem(const fs::path& path, const std::string& rest) {
  return Status::error(Code::PluginLoad, "\"" + path.string() + "\" " + rest);
}

/// The status of a check that does not know the file's name, with it.
Status named(const fs::path& path, const Status& status) {
  Status out = problem(path, status.message()).at(status.place());
  for (const std::string& note : status.notes()) out.note(note);
  return out;
}

void take_facts(const PluginFacts& facts, Entry& entry) {
  entry.name = facts.name;
  entry.version = facts.version;
  entry.description = facts.description;
  entry.license = facts.license;
  entry.vendor = facts.vendor;
  for (const TypeFacts& type : facts.types) entry.types.push_back(type.type);
}

/// The files to look at, directory by directory, in name order.
std::vector<fs::path> find_files(const std::vector<std::string>& directories,
                                 Diagnostics& diagnostics) {
  std::vector<fs::path> found;
  for (const std::string& directory : directories) {
    if (!fs::path(directory).is_absolute()) {
      diagnostics.warn(problem(directory, "is not searched: it is not an absolute path"));
      continue;
    }
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator at(directory, error), end; !error && at != end;
         at.increment(error)) {
      if (at->path().extension() == ".so") files.push_back(at->path());
    }
    if (error) diagnostics.warn(problem(directory, "cannot be searched: " + error.message()));
    std::sort(files.begin(), files.end());
    found.insert(found.end(), files.begin(), files.end());
  }
  return found;
}

bool is_trusted(const fs::path& real_path, const Policy& policy) {
  return std::any_of(policy.trusted_directories.begin(), policy.trusted_directories.end(),
                     [&](const std::string& directory) {
                       std::error_code error;
                       const fs::path trusted = fs::canonical(directory, error);
                       return !error && real_path.parent_path() == trusted;
                     });
}

/// Everything that needs no code of the plugin to run.
Status look_at(const Policy& policy, Entry& entry, Candidate& candidate) {
  Status status = examine(entry.path, ::geteuid(), HostAbi(), candidate);
  entry.sha256 = candidate.sha256;
  if (const auto& note = candidate.elf.note) {
    entry.abi_major = static_cast<int>(note->major);
    entry.abi_minor = static_cast<int>(note->minor);
    entry.min_host_minor = static_cast<int>(note->min_host_minor);
  }
  if (!status.ok()) return status;
  entry.trusted = is_trusted(candidate.real_path, policy);
  return check_pins_of_stem(policy, entry.path, entry.sha256);
}

Entry entry_for(const fs::path& file) {
  Entry entry;
  entry.path = file;
  entry.stem = file.stem().string();
  return entry;
}

}  // namespace

/// Fills one registry; `load` in steps.
class RegistryLoader {
 public:
  RegistryLoader(const Policy& policy, HostServices& services, Diagnostics& diagnostics,
                 Registry& registry)
      : policy_(policy), services_(services), diagnostics_(diagnostics), registry_(registry) {}

  void add(const fs::path& file) {
    auto entry = std::make_unique<Entry>(entry_for(file));
    Candidate candidate;
    Status status = look_at(policy_, *entry, candidate);
    if (candidate.inode != 0 && !seen_.emplace(candidate.device, candidate.inode).second) return;
    if (status.ok()) status = load(*entry, std::move(candidate));
    entry->state = status.ok() ? State::Loaded : State::Faulty;
    entry->reason = std::move(status);
    registry_.entries_.push_back(std::move(entry));
  }

 private:
  Status load(Entry& entry, Candidate candidate) {
    const Isolation by_default = entry.trusted ? Isolation::InProcess : Isolation::Process;
    const std::optional<Isolation> by_stem = isolation_by_stem(policy_, entry.stem);
    entry.isolation = by_stem.value_or(by_default);
    const bool types_may_decide = !by_stem && !policy_.isolation.empty();
    const bool ask_types =
        types_may_decide || types_may_be_pinned(policy_, entry.stem, entry.sha256);
    if (entry.isolation == Isolation::InProcess && !ask_types) {
      return load_here(entry, std::move(candidate));
    }
    // Also where only the types can tell: code that must not run here is not even asked here.
    RunnerProgram program;
    program.command = policy_.runner_command;
    program.memory_bytes = policy_.runner_memory_bytes;
    program.path = candidate.real_path.string();
    program.sha256 = entry.sha256;
    program.library = std::make_shared<const Descriptor>(std::move(candidate.file));
    const Result<PluginFacts> facts = describe_library(program);
    if (!facts) return facts.status();
    for (const TypeFacts& type : facts->types) {
      Status bad = check_pin_of_type(policy_, type.type, entry.path, entry.sha256);
      if (!bad.ok()) return bad;
    }
    if (types_may_decide)
      entry.isolation = isolation_by_types(policy_, *facts).value_or(by_default);
    if (entry.isolation == Isolation::Process) return add_isolated(entry, *facts, program);
    candidate.file = Descriptor(::fcntl(program.library->get(), F_DUPFD_CLOEXEC, 0));
    return load_here(entry, std::move(candidate));
  }

  Status load_here(Entry& entry, Candidate candidate) {
    const AbiNote note = *candidate.elf.note;
    Result<Library> library = load_library(std::move(candidate));
    if (!library) return library.status();
    entry.restart_needed = library->replaced_on_disk;
    if (entry.restart_needed) {
      diagnostics_.warn(problem(entry.path, "has changed since this process loaded it")
                            .note("the loaded code stays in use until observerd is restarted"));
    }
    const Result<PluginTable> table = read_table(library->table, note);
    if (!table) return named(entry.path, table.status());
    if (Status bad = take(table->facts, entry); !bad.ok()) return bad;
    for (std::size_t i = 0; i < table->actions.size(); ++i) {
      registry_.tables_.push_back(std::make_unique<observerd_action_type>(table->actions[i]));
      ActionType& type = add_type(table->facts.types[i], entry);
      type.table = registry_.tables_.back().get();
      type.setup = library->setup;
    }
    return {};
  }

  Status add_isolated(Entry& entry, const PluginFacts& facts, const RunnerProgram& program) {
    if (Status bad = take(facts, entry); !bad.ok()) return bad;
    const auto shared = std::make_shared<const RunnerProgram>(program);
    for (const TypeFacts& type : facts.types) add_type(type, entry).runner = shared;
    return {};
  }

  /// What the plugin says of itself, unless it cannot be used beside the others.
  Status take(const PluginFacts& facts, Entry& entry) {
    take_facts(facts, entry);
    for (const std::string& type : entry.types) {
      if (Status bad = check_type(type, entry); !bad.ok()) return bad;
    }
    services_.log(entry.stem, OBSERVERD_LOG_INFO, "plugin loaded",
                  {{"path", entry.path.native()},
                   {"version", entry.version},
                   {"isolation", isolation_name(entry.isolation)}});
    return {};
  }

  Status check_type(const std::string& type, const Entry& entry) const {
    if (const ActionType* other = registry_.find(type)) {
      return problem(entry.path, "provides the action type \"" + type + "\", as does \"" +
                                     other->entry->path.string() + "\"")
          .note("remove one of the two files");
    }
    return check_pin_of_type(policy_, type, entry.path, entry.sha256);
  }

  ActionType& add_type(const TypeFacts& facts, const Entry& entry) {
    auto type = std::make_unique<ActionType>(describe(facts));
    type->entry = &entry;
    return *registry_.types_.emplace(facts.type, std::move(type)).first->second;
  }

  const Policy& policy_;
  HostServices& services_;
  Diagnostics& diagnostics_;
  Registry& registry_;
  std::set<FileId> seen_;
};

bool is_same_code(const ActionType& one, const ActionType& other) {
  if (one.type != other.type) return false;
  if (one.runner != nullptr && other.runner != nullptr) {
    return one.runner->path == other.runner->path && one.runner->sha256 == other.runner->sha256 &&
           one.runner->memory_bytes == other.runner->memory_bytes;
  }
  if (one.table == nullptr || other.table == nullptr) return false;
  return one.table->open == other.table->open && one.table->bind == other.table->bind &&
         one.table->deliver == other.table->deliver;
}

std::unique_ptr<Registry> Registry::load(const Policy& policy, HostServices& services,
                                         Diagnostics& diagnostics) {
  // What plugins are promised: OpenSSL writes to sockets that may be closed without MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  auto registry = std::make_unique<Registry>();
  RegistryLoader loader(policy, services, diagnostics, *registry);
  for (const fs::path& file : find_files(policy.directories, diagnostics)) loader.add(file);
  return registry;
}

Entry Registry::inspect(const fs::path& file, const Policy& policy) {
  Entry entry = entry_for(file);
  Candidate candidate;
  entry.reason = look_at(policy, entry, candidate);
  entry.state = entry.reason.ok() ? State::Loaded : State::Faulty;
  return entry;
}

const ActionType* Registry::find(const std::string& type) const {
  const auto found = types_.find(type);
  return found == types_.end() ? nullptr : found->second.get();
}

const Entry* Registry::find_faulty(const std::string& type) const {
  for (const auto& entry : entries_) {
    if (entry->state != State::Faulty) continue;
    const bool named =
        std::find(entry->types.begin(), entry->types.end(), type) != entry->types.end();
    if (named || stem_suggests(entry->stem, type)) return entry.get();
  }
  return nullptr;
}

bool Registry::means_plugin(const std::string& name) const {
  return find(name) != nullptr ||
         std::any_of(entries_.begin(), entries_.end(),
                     [&](const auto& entry) { return stem_suggests(entry->stem, name); }) ||
         find_faulty(name) != nullptr;
}

std::vector<std::string> Registry::type_names() const {
  std::vector<std::string> names;
  for (const auto& [name, type] : types_) names.push_back(name);
  return names;
}

std::vector<RunnerState> Registry::runners(const Entry& entry) const {
  if (entry.isolation != Isolation::Process) return {};
  std::error_code error;
  return RunnerList::instance().of(fs::canonical(entry.path, error).string(), entry.sha256);
}

}  // namespace observerd::plugin
