#include "scenario.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <thread>

#include "source/progress.hpp"
#include "support/postgres.hpp"

namespace observerd::testing {
namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::milliseconds kLook{25};

const std::set<std::string> kFileMembers{"suite",     "title",   "tables", "captures",
                                         "receivers", "plugins", "config", "steps"};
const std::set<std::string> kStepMembers{"answer", "stop", "start", "configure", "sql",
                                         "cli",    "exit", "out",   "err",       "expect"};

void only(const json::Value& object, const std::set<std::string>& members, const char* what) {
  for (const auto& [name, value] : object.members()) {
    if (members.count(name) == 0) {
      throw std::runtime_error(std::string(what) + " has no \"" + name + "\"");
    }
  }
}

std::vector<std::string> texts(const json::Value* value) {
  if (value == nullptr) return {};
  if (value->is_string()) return {value->text()};
  std::vector<std::string> texts;
  for (const json::Value& one : value->items()) texts.push_back(one.text());
  return texts;
}

const json::Value& member(const json::Value& object, const char* name) {
  static const json::Value none = json::Value::object();
  const json::Value* value = object.find(name);
  return value == nullptr ? none : *value;
}

std::string camel_case(const std::string& words) {
  std::string name;
  bool is_first = true;
  for (const char c : words) {
    if (c != '_') name += is_first && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    is_first = c == '_';
  }
  return name;
}

}  // namespace

ScenarioFile read_scenario(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  json::ParseOptions options;
  options.comments = true;
  options.reject_duplicates = true;
  const auto content = json::parse(text, Code::Configuration, options);
  if (!content) throw std::runtime_error(file.string() + ": " + content.status().to_string());
  return {content->string_or("suite"), camel_case(file.stem().string()),
          content->string_or("title"), *content};
}

Scenario::Scenario(const ScenarioFile& file)
    : file_(file), receivers_(member(file.content, "receivers")), installation_(fresh_database()) {}

void Scenario::play() {
  only(file_.content, kFileMembers, "a scenario");
  prepare();
  start();
  int number = 0;
  for (const json::Value& one : member(file_.content, "steps").items()) {
    const ::testing::ScopedTrace trace("", ++number, "step of the scenario");
    only(one, kStepMembers, "a step");
    step(one);
    if (::testing::Test::HasFailure()) return;
  }
  stop("SIGTERM");
}

void Scenario::prepare() {
  for (const std::string& sql : texts(file_.content.find("tables"))) {
    run_sql(installation_.database(), sql);
  }
  for (const std::string& plugin : texts(file_.content.find("plugins"))) {
    installation_.add_plugin(plugin);
  }
  installation_.configure(substitute(json::write(member(file_.content, "config"))));
  for (const auto& [entity, table] : member(file_.content, "captures").members()) {
    installation_.capture(table.text(), entity);
  }
}

void Scenario::step(const json::Value& step) {
  if (const json::Value* answers = step.find("answer")) receivers_.answer(*answers);
  if (const json::Value* signal = step.find("stop")) stop(signal->text());
  if (const json::Value* config = step.find("configure")) {
    installation_.configure(substitute(json::write(*config)));
  }
  if (step.find("start") != nullptr) start();
  // Each text is a transaction of its own.
  for (const std::string& sql : texts(step.find("sql"))) run_sql(installation_.database(), sql);
  if (step.find("cli") != nullptr) run_command(step);
  if (const json::Value* expected = step.find("expect")) expect(*expected);
}

void Scenario::run_command(const json::Value& step) {
  std::vector<std::string> words;
  for (const std::string& word : texts(step.find("cli"))) words.push_back(substitute(word));
  const CommandResult result = installation_.cli(words);
  const json::Value* exit = step.find("exit");
  EXPECT_EQ(result.exit, exit == nullptr ? 0 : std::stoi(exit->text())) << result.out << result.err;
  for (const std::string& text : texts(step.find("out"))) {
    EXPECT_NE(result.out.find(substitute(text)), std::string::npos) << text << " is not in\n"
                                                                    << result.out;
  }
  for (const std::string& text : texts(step.find("err"))) {
    EXPECT_NE(result.err.find(substitute(text)), std::string::npos) << text << " is not in\n"
                                                                    << result.err;
  }
}

void Scenario::expect(const json::Value& expected) {
  const Expectation expectation(expected, installation_.database(), receivers_);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    // In this order: what was settled before the look is seen by the look.
    const bool settled = expected.find("unsettled") != nullptr || is_settled();
    const std::string log = old_logs_ + (daemon_ ? daemon_->log() : "");
    const std::vector<std::string> problems = expectation.problems(log);
    if (problems.empty() && settled) return;
    if (expectation.is_beyond_hope() || std::chrono::steady_clock::now() > until) {
      for (const std::string& problem : problems) ADD_FAILURE() << problem;
      if (!settled) ADD_FAILURE() << "there are unsettled events";
      ADD_FAILURE() << "the daemon's log:\n" << log;
      return;
    }
    std::this_thread::sleep_for(kLook);
  }
}

void Scenario::start() {
  daemon_ = std::make_unique<Daemon>(installation_);
  daemon_->wait_until_ready();
}

void Scenario::stop(const std::string& signal) {
  if (!daemon_) return;
  if (signal == "SIGKILL") {
    daemon_->kill();
  } else {
    EXPECT_EQ(daemon_->stop(), 0) << daemon_->log();
  }
  old_logs_ += daemon_->log();
  daemon_.reset();
}

bool Scenario::is_settled() const {
  if (!daemon_) return true;
  const auto shards = source::progress(*connect(installation_.database()));
  if (!shards) return false;
  for (const source::ShardProgress& shard : *shards) {
    if (shard.waiting + shard.unsettled > 0) return false;
  }
  return true;
}

std::string Scenario::substitute(const std::string& text) const {
  std::string result = receivers_.substitute(text);
  const std::string word = "${dead_letter}";
  for (std::size_t at = 0; (at = result.find(word)) != std::string::npos;) {
    result.replace(at, word.size(),
                   scalar(installation_.database(), "SELECT id FROM observer.observer_dlq_items"));
  }
  return result;
}

}  // namespace observerd::testing
