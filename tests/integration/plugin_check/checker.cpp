#include "checker.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "config/schema.hpp"

namespace observerd::testing {
namespace {

/// Reads both pipes to their ends.
void collect(std::array<pollfd, 2> pipes, std::array<std::string*, 2> texts) {
  for (int open = 2; open > 0;) {
    if (::poll(pipes.data(), pipes.size(), -1) < 0 && errno != EINTR) return;
    for (std::size_t i = 0; i < pipes.size(); ++i) {
      if (pipes[i].fd < 0 || pipes[i].revents == 0) continue;
      char buffer[4096];
      const ssize_t got = ::read(pipes[i].fd, buffer, sizeof buffer);
      if (got > 0) {
        texts[i]->append(buffer, static_cast<std::size_t>(got));
      } else {
        pipes[i].fd = -1;
        --open;
      }
    }
  }
}

}  // namespace

std::string checker_program() {
  return OBSERVERD_BUILD_DIR "/bin/observerd-plugin-check";
}

Checked check_plain(const std::vector<std::string>& arguments) {
  return run_program(checker_program(), arguments);
}

Checked run_program(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  int out[2], err[2];
  if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
  pid_t pid = -1;
  const int failed = ::posix_spawn(&pid, program.c_str(), &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(out[1]);
  ::close(err[1]);
  if (failed != 0) throw std::runtime_error("cannot run " + program);

  Checked checked;
  collect({{{out[0], POLLIN, 0}, {err[0], POLLIN, 0}}}, {&checked.out, &checked.err});
  ::close(out[0]);
  ::close(err[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (WIFEXITED(status)) checked.exit_code = WEXITSTATUS(status);
  return checked;
}

CheckedJson check_json(const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {"--json", "--time-limit", "4", "--jobs", "4"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  CheckedJson checked{check_plain(all), {}};
  const Result<json::Value> report = json::parse(checked.out, Code::Configuration);
  if (!report) {
    ADD_FAILURE() << "no report: " << checked.out << checked.err;
    return checked;
  }
  checked.report = *report;
  EXPECT_EQ(against_schema("plugin-check", checked.report), "");
  return checked;
}

std::set<std::string> CheckedJson::tests(const std::string& result) const {
  std::set<std::string> names;
  const json::Value* list = report.find("tests");
  if (list == nullptr) return names;
  for (const json::Value& test : list->items()) {
    if (test.string_or("result") == result) names.insert(test.string_or("name"));
  }
  return names;
}

std::string CheckedJson::seen(const std::string& name) const {
  std::string all;
  const json::Value* list = report.find("tests");
  if (list == nullptr) return all;
  for (const json::Value& test : list->items()) {
    if (test.string_or("name") != name) continue;
    for (const json::Value& line : test.find("seen")->items()) all += line.text() + "\n";
  }
  return all;
}

std::string fixture(const std::string& name) {
  return OBSERVERD_BUILD_DIR "/tests/plugins/" + name + ".so";
}

std::string shipped_plugin(const std::string& name) {
  return OBSERVERD_BUILD_DIR "/plugins/" + name + ".so";
}

std::string temporary_file(const std::string& text) {
  std::string name = (std::filesystem::temp_directory_path() / "plugin-check-XXXXXX").string();
  const int fd = ::mkstemp(name.data());
  if (fd < 0) throw std::runtime_error("no temporary file");
  ::close(fd);
  std::ofstream(name, std::ios::binary) << text;
  return name;
}

std::string read_text(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string against_schema(const std::string& name, const json::Value& document) {
  const Result<json::Value> schema = json::parse(
      read_text(OBSERVERD_SOURCE_DIR "/config/schema/" + name + ".json"), Code::Configuration);
  if (!schema) return schema.status().to_string();
  if (const Status bad = config::check_schema(*schema); !bad.ok()) return bad.to_string();
  std::string problems;
  config::validate_schema(
      document, *schema,
      [&](const std::string& pointer, const json::Value&, const std::string& sentence) {
        problems += pointer + ": " + sentence + '\n';
      });
  return problems;
}

}  // namespace observerd::testing
