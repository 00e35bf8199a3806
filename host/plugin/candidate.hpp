#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "base/status.hpp"
#include "observerd/plugin.h"
#include "plugin/elf_note.hpp"

namespace observerd::plugin {

/// Which ABI the host speaks. A parameter so that tests can be an older or newer host.
struct HostAbi {
  std::uint32_t major = OBSERVERD_ABI_MAJOR;
  std::uint32_t minor = OBSERVERD_ABI_NEWEST_MINOR;
};

/// An open file descriptor, owned.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

/// A plugin file that was opened and looked at; no code of it has run. Everything is read from the
/// one descriptor that the library is loaded through later, so that what was checked is what runs.
struct Candidate {
  Descriptor file;
  std::filesystem::path real_path;
  dev_t device = 0;
  ino_t inode = 0;
  std::string sha256;  ///< lower-case hex
  ElfFacts elf;
};

/// Path policy, digest, ELF header, note, version, exports. `candidate` is filled as far as it got.
/// Errors are OB016 with the path, the reason and, as a note, what would help. Thread-safe.
Status examine(const std::filesystem::path& path, uid_t user, const HostAbi& host,
               Candidate& candidate);

/// Reads the open file of `candidate`: a regular one, its digest and what its ELF header, note and
/// symbols say. No verdict on these. The message continues a sentence that starts with the file's
/// name.
Status read_candidate(Candidate& candidate);

/// Whether a plugin with that note can live in that host. The message continues a sentence that
/// starts with the file's name.
Status check_note(const std::optional<AbiNote>& note, const HostAbi& host);

/// Whether the entry is all that the library shows. The message continues such a sentence too.
Status check_exports(const ElfFacts& elf);

}  // namespace observerd::plugin
