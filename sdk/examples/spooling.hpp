#pragma once

#include <fcntl.h>
#include <unistd.h>
#include <observerd/plugin.hpp>

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace example {

namespace sdk = observerd::sdk;

/// The settings of one action, in all of the examples.
inline constexpr const char* action_schema = R"({
  "type": "object", "additionalProperties": false, "required": ["file", "line"],
  "properties": {
    "file": {"type": "string", "pattern": "^/", "description": "Absolute path of the file to append to."},
    "line": {"type": "string", "x-template": "text", "description": "The line to write."}
  }
})";

/// What bind makes of them.
struct Target final : sdk::Action {
  std::string file;
};

/// What the examples have in common: how the settings of an action are read.
class Spooling : public sdk::Module {
 public:
  using Module::Module;

  std::unique_ptr<sdk::Action> bind(std::string_view json, sdk::Errors& errors,
                                    sdk::Binding& binding) override {
    auto target = std::make_unique<Target>();
    target->file = sdk::Settings(json, errors).string("file");
    binding.lane_key("file:" + target->file);  // one that fails does not hold up the others
    binding.batch_key(target->file);           // whoever writes to the same file may share a batch
    return target;
  }
};

/// The rendered line of an item, its end included.
inline std::string line_of(const sdk::Item& item) {
  return sdk::Json::parse(item.settings()).value_or(sdk::Json()).string_or("line", "") + "\n";
}

/// Whether a line is more than one.
inline bool is_broken(std::string_view line) {
  return line.find('\n') + 1 != line.size();
}

/// Appends whole lines with one write, so that those of others do not get in between; `sync`: to
/// the disk. The result is what to report for each of them.
inline sdk::Result append(const std::string& file, std::string_view lines, bool sync) {
  const auto failed = [&] { return file + ": " + std::generic_category().message(errno); };
  const int fd = open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (fd < 0) return sdk::misconfigured("open_failed", failed());
  sdk::Result result = sdk::delivered();
  // Written in part counts as not written: the delivery is repeated, and readers know it by its id.
  const ssize_t written = write(fd, lines.data(), lines.size());
  if (written != static_cast<ssize_t>(lines.size())) result = sdk::retry("write_failed", failed());
  if (sync && fdatasync(fd) != 0) result = sdk::retry("sync_failed", failed());
  close(fd);
  return result;
}

}  // namespace example
