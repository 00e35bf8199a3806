#include "plugin/path_policy.hpp"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <system_error>

namespace observerd::plugin {
namespace {

Status problem(std::string message) {
  return Status::error(Code::PluginLoad, std::move(message));
}

std::string quoted(const std::string& path) {
  return "\"" + path + "\"";
}

/// For a command that a person pastes into a shell.
std::string shell_quoted(const std::string& path) {
  std::string out = "'";
  for (const char c : path) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777));
  return text.data();
}

const char* kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  if (S_ISLNK(mode)) return "a symbolic link";
  return "something else";
}

Status check_component(const std::string& path, const struct stat& info, uid_t user) {
  if (info.st_uid != 0 && info.st_uid != user) {
    return problem(quoted(path) + " belongs to uid " + std::to_string(info.st_uid) +
                   ", neither to root nor to the daemon's user (uid " + std::to_string(user) +
                   "); its mode is " + octal(info.st_mode))
        .note("chown root " + shell_quoted(path));
  }
  const bool sticky_root = S_ISDIR(info.st_mode) && info.st_uid == 0 && (info.st_mode & S_ISVTX);
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !sticky_root) {
    return problem(quoted(path) + " can be written by others than its owner: its mode is " +
                   octal(info.st_mode))
        .note("chmod go-w " + shell_quoted(path));
  }
  return {};
}

}  // namespace

Result<std::filesystem::path> check_path(const std::filesystem::path& path, uid_t user) {
  if (!path.is_absolute()) return problem(quoted(path.string()) + " is not an absolute path");

  // realpath and not std::filesystem::canonical: that one tells a loop and a missing file apart
  // by exceptions only.
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  if (real == nullptr) {
    const int error = errno;
    if (error == ELOOP) {
      return problem(quoted(path.string()) + ": symbolic links form a loop")
          .note("remove the link, or let it lead to the plugin's file");
    }
    if (error == ENOENT) {
      return problem(quoted(path.string()) + " does not exist, or is a link to nowhere")
          .note("install the file again, or remove the link");
    }
    return problem(quoted(path.string()) + ": " + std::generic_category().message(error));
  }

  const std::filesystem::path resolved(real.get());
  std::filesystem::path walked;
  struct stat info {};
  for (const std::filesystem::path& part : resolved) {
    walked /= part;
    if (::lstat(walked.c_str(), &info) != 0) {
      return problem(quoted(walked.string()) + ": " + std::generic_category().message(errno));
    }
    if (Status bad = check_component(walked.string(), info, user); !bad.ok()) return bad;
  }
  if (!S_ISREG(info.st_mode)) {
    return problem(quoted(resolved.string()) + " is " + kind_of(info.st_mode) +
                   ", not a regular file")
        .note("a directory of plugins is for their files: move it elsewhere");
  }
  return resolved;
}

}  // namespace observerd::plugin
