#include "plugin/candidate.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "base/strings.hpp"
#include "plugin/path_policy.hpp"
#include "plugin/sha256.hpp"

namespace observerd::plugin {
namespace {

constexpr std::string_view entry_symbol = "observerd_plugin_entry_v1";
/// Far above any plugin; keeps a mistake (a core file, a disk image) from filling the memory.
constexpr off_t max_file_bytes = off_t{512} << 20;

Status problem(std::string message) {
  return Status::error(Code::PluginLoad, std::move(message));
}

Result<std::string> read_all(int fd, off_t size) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::pread(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return problem("cannot be read: " + std::generic_category().message(errno));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

Status examine_file(Candidate& candidate, const HostAbi& host) {
  if (Status bad = read_candidate(candidate); !bad.ok()) return bad;
  if (Status bad = check_note(candidate.elf.note, host); !bad.ok()) return bad;
  if (candidate.elf.executable_stack) {
    return problem("asks for an executable stack")
        .note("assembler sources lack a .note.GNU-stack section; link with -Wl,-z,noexecstack");
  }
  return check_exports(candidate.elf);
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Status read_candidate(Candidate& candidate) {
  struct stat info {};
  if (::fstat(candidate.file.get(), &info) != 0) {
    return problem("cannot be examined: " + std::generic_category().message(errno));
  }
  if (!S_ISREG(info.st_mode)) return problem("is not a regular file");
  if (info.st_size > max_file_bytes) return problem("is larger than any plugin may be (512 MiB)");
  candidate.device = info.st_dev;
  candidate.inode = info.st_ino;
  const Result<std::string> bytes = read_all(candidate.file.get(), info.st_size);
  if (!bytes) return bytes.status();
  candidate.sha256 = sha256_hex(*bytes);

  Result<ElfFacts> elf = read_elf(*bytes);
  if (!elf) return elf.status();
  candidate.elf = *std::move(elf);
  return {};
}

Status check_exports(const ElfFacts& elf) {
  if (elf.export_count == 1 && elf.exports.front() == entry_symbol) return {};
  const std::string want = std::string(entry_symbol);
  bool has_entry = false;
  for (const std::string& name : elf.exports) has_entry = has_entry || name == want;
  if (!has_entry && elf.export_count <= elf.exports.size()) {
    return problem("does not export " + want)
        .note(
            "use OBSERVERD_PLUGIN or OBSERVERD_SDK_PLUGIN, and build with the SDK's version "
            "script");
  }
  return problem("exports too much: " + std::to_string(elf.export_count) +
                 " symbols instead of one (" + join(elf.exports, ", ") +
                 (elf.export_count > elf.exports.size() ? ", …)" : ")"))
      .note(
          "build it with observerd_add_plugin, or link with the SDK's plugin.map: hidden "
          "visibility alone leaves C++ library symbols visible");
}

Status check_note(const std::optional<AbiNote>& note, const HostAbi& host) {
  if (!note) {
    return problem("is no observerd plugin: it has no .note.observerd")
        .note(
            "a plugin is registered with OBSERVERD_PLUGIN or OBSERVERD_SDK_PLUGIN, which emit it");
  }
  const std::string ours = std::to_string(host.major) + "." + std::to_string(host.minor);
  if (note->major != host.major) {
    return problem("was built for plugin ABI " + std::to_string(note->major) + "." +
                   std::to_string(note->minor) + "; this host speaks " + ours)
        .note("build it against the SDK of this host's major version");
  }
  if (note->min_host_minor > host.minor) {
    return problem("needs a host with plugin ABI " + std::to_string(note->major) + "." +
                   std::to_string(note->min_host_minor) + " or newer; this host speaks " + ours)
        .note("update observerd, or use an older release of the plugin");
  }
  if (note->pointer_size != sizeof(void*)) {
    return problem("has pointers of " + std::to_string(note->pointer_size) +
                   " bytes; this host's have " + std::to_string(sizeof(void*)));
  }
  return {};
}

Status examine(const std::filesystem::path& path, uid_t user, const HostAbi& host,
               Candidate& candidate) {
  Result<std::filesystem::path> real = check_path(path, user);
  if (!real) return real.status();
  candidate.real_path = *std::move(real);
  // O_NONBLOCK: should the file have become a FIFO since, nobody waits for a writer.
  candidate.file = Descriptor(::open(candidate.real_path.c_str(),
                                     O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (candidate.file.get() < 0) {
    return problem("\"" + path.string() +
                   "\" cannot be opened: " + std::generic_category().message(errno));
  }
  Status status = examine_file(candidate, host);
  if (status.ok()) return status;
  Status named = problem("\"" + path.string() + "\" " + status.message());
  for (const std::string& note : status.notes()) named.note(note);
  return named;
}

}  // namespace observerd::plugin
