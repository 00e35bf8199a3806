#include "app/demo.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

#include "app/session.hpp"
#include "base/json.hpp"

namespace observerd::app {
namespace fs = std::filesystem;
namespace {

constexpr Milliseconds kPatience{60'000};
constexpr const char* kCrm = "/crm";
constexpr const char* kErp = "/erp";
constexpr int kTries = 3;  // retry.max_attempts of the example

std::string read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Status write_file(const fs::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  stream.close();
  if (stream) return {};
  return Status::error(Code::Configuration, "cannot write " + file.string());
}

std::string plugin_directory() {
  const fs::path built = binary_directory() / "../plugins";
  std::error_code error;
  if (fs::is_directory(built, error)) return fs::canonical(built).string();
  return (binary_directory() / "../lib/observerd/plugins-1").lexically_normal().string();
}

}  // namespace

Demo::Demo(std::ostream& out, bool colour, const std::atomic<bool>& interrupted)
    : out_(out),
      colour_(colour),
      interrupted_(interrupted),
      receiver_([this](const DemoReceiver::Request& request) { received(request); }) {}

Demo::~Demo() {
  if (daemon_) {
    daemon_->signal(SIGTERM);
    daemon_->wait();
  }
  server_.reset();
  std::error_code ignored;
  if (!directory_.empty()) fs::remove_all(directory_, ignored);
}

void Demo::heading(const std::string& text) {
  const std::lock_guard lock(print_mutex_);
  out_ << (colour_ ? "\n\033[1m== " : "\n== ") << text << (colour_ ? "\033[0m\n" : "\n")
       << std::flush;
}

void Demo::say(const std::string& text) {
  const std::lock_guard lock(print_mutex_);
  out_ << text << '\n' << std::flush;
}

void Demo::received(const DemoReceiver::Request& request) {
  const std::lock_guard lock(print_mutex_);
  const bool good = request.answered == 200;
  out_ << (colour_ ? (good ? "\033[32m" : "\033[31m") : "") << "   receiver got " << request.method
       << ' ' << request.path << ' ' << request.body << "\n     delivery " << request.delivery
       << (request.signature.empty() ? "" : ", signed " + request.signature.substr(0, 20) + "…")
       << ", answered " << request.answered << (colour_ ? "\033[0m\n" : "\n") << std::flush;
}

Status Demo::stopped() const {
  return interrupted_ ? Status::error(Code::Listener, "interrupted") : Status();
}

Demo::Words Demo::environment() const {
  return {"/usr/bin/env", "DEMO_DATABASE_URL=" + server_->url(),
          "DEMO_CRM_URL=" + receiver_.url(kCrm), "DEMO_ERP_URL=" + receiver_.url(kErp),
          // A published example of a Standard Webhooks secret: it protects nothing here.
          "DEMO_SIGNING_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
}

Status Demo::shell(const Words& arguments, const std::string& shown, std::string* output,
                   bool quiet) {
  if (Status status = stopped(); !status.ok()) return status;
  if (!quiet) say((colour_ ? "\033[36m$ " : "$ ") + shown + (colour_ ? "\033[0m" : ""));
  const fs::path log = directory_ / "output";
  std::error_code ignored;
  fs::remove(log, ignored);
  postgres::Command command;
  command.arguments = environment();
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  command.directory = directory_;
  command.log = log;
  command.account.uid = geteuid();
  command.account.gid = getegid();
  Status status = postgres::run_program(command);
  std::string text = read_file(log);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (!quiet && !text.empty()) {
    std::string indented = "  ";
    for (const char c : text) {
      indented += c;
      if (c == '\n') indented += "  ";
    }
    say(indented);
  }
  if (output != nullptr) *output = std::move(text);
  return status;
}

Status Demo::observerd(const Words& arguments, std::string* output, bool quiet) {
  Words words{(binary_directory() / "observerd").string()};
  std::string shown = "observerd";
  for (const std::string& argument : arguments) {
    words.push_back(argument);
    shown += ' ' + argument;
  }
  words.insert(words.end(), {"--config", (directory_ / "observerd.json").string()});
  return shell(words, shown, output, quiet);
}

Status Demo::psql(const std::string& sql, std::string* output, bool quiet) {
  return shell({psql_.string(), server_->url(), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql},
               "psql -c \"" + sql + "\"", output, quiet);
}

Status Demo::wait_for(const std::string& path, int status, std::size_t count) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!receiver_.wait_for(path, status, count, Milliseconds(100))) {
    if (Status interrupted = stopped(); !interrupted.ok()) return interrupted;
    if (!daemon_->running() || std::chrono::steady_clock::now() > until) {
      Status problem = Status::error(
          Code::Listener, "the receiver did not get what was expected at " + path + " (" +
                              std::to_string(receiver_.count(path, status)) + " of " +
                              std::to_string(count) + "); the end of the daemon's log:");
      for (std::string& row : postgres::log_tail(directory_ / "daemon.log", 20)) {
        problem.note(std::move(row));
      }
      return problem;
    }
  }
  return {};
}

Status Demo::prepare() {
  heading("A private PostgreSQL, on a socket in a temporary directory");
  std::string pattern = (fs::temp_directory_path() / "observerd-demo-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    return Status::error(Code::Configuration, "cannot make a directory " + pattern);
  }
  directory_ = pattern;
  Result<fs::path> binaries = postgres::find_server_binaries();
  if (!binaries) return binaries.status();
  psql_ = *binaries / "psql";
  if (Status status = receiver_.start(); !status.ok()) return status;
  auto server = postgres::PrivateServer::create();
  if (!server) return server.status();
  server_ = std::move(*server);
  say("  " + server_->url());
  if (Status status = write_configuration(); !status.ok()) return status;

  heading("A table of the application, and observerd's own tables beside it");
  Status status = psql(
      "CREATE TABLE orders (id int PRIMARY KEY, customer text NOT NULL, total numeric(10,2) NOT "
      "NULL,"
      " status text NOT NULL DEFAULT 'new')");
  if (status.ok()) status = observerd({"migrate"});
  if (status.ok()) status = observerd({"capture", "add", "orders", "--entity", "Order"});
  if (!status.ok()) return status;

  heading("The configuration: " + (directory_ / "observerd.json").string());
  say(read_file(directory_ / "observerd.json"));
  return observerd({"check", "--online"});
}

Status Demo::write_configuration() {
  const fs::path example = data_directory() / "examples/demo.json";
  std::error_code error;
  fs::copy_file(example, directory_ / "observerd.json", error);
  if (error) {
    return Status::error(Code::Configuration,
                         "cannot copy " + example.string() + ": " + error.message());
  }
  fs::create_directory(directory_ / "conf.d", error);
  return write_file(
      directory_ / "conf.d/10-plugins.json",
      "{ \"plugins\": { \"directories\": [" + json::quote(plugin_directory()) + "] } }\n");
}

Status Demo::start_daemon() {
  heading("The daemon");
  say((colour_ ? "\033[36m$ observerd run &\033[0m" : "$ observerd run &"));
  postgres::Command command;
  command.arguments = environment();
  command.arguments.insert(command.arguments.end(),
                           {(binary_directory() / "observerd").string(), "run", "--config",
                            (directory_ / "observerd.json").string()});
  command.directory = directory_;
  command.log = directory_ / "daemon.log";
  command.account.uid = geteuid();
  command.account.gid = getegid();
  Result<postgres::ChildProcess> started = postgres::ChildProcess::start(command);
  if (!started) return started.status();
  daemon_.emplace(std::move(*started));
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!observerd({"status"}, nullptr, true).ok()) {
    if (Status status = stopped(); !status.ok()) return status;
    if (!daemon_->running() || std::chrono::steady_clock::now() > until) {
      Status problem =
          Status::error(Code::Listener, "the daemon does not run; the end of its log:");
      for (std::string& row : postgres::log_tail(directory_ / "daemon.log", 20)) {
        problem.note(std::move(row));
      }
      return problem;
    }
    std::this_thread::sleep_for(Milliseconds(50));
  }
  say("  running as process " + std::to_string(daemon_->pid()));
  return {};
}

Status Demo::change_rows() {
  heading("Real changes become real deliveries");
  Status status = psql(
      "INSERT INTO orders VALUES (1, 'Ada', 42.50), (2, 'Grace', 1999.90), (3, 'Edsger', 7.00)");
  if (status.ok()) status = wait_for(kCrm, 200, 3);
  if (status.ok()) status = psql("DELETE FROM orders WHERE id = 3");
  if (status.ok()) status = wait_for(kCrm, 200, 4);
  return status;
}

Status Demo::fail_and_retry() {
  heading("The ERP is down: retries, then a dead letter");
  receiver_.set_down(kErp, true);
  say("  order 1 is below 100 and matches nothing; order 2 does");
  Status status = psql("UPDATE orders SET status = 'shipped' WHERE id IN (1, 2)");
  if (status.ok()) status = wait_for(kErp, 503, kTries);
  std::string list;
  const auto until = std::chrono::steady_clock::now() + kPatience;
  std::optional<json::Value> letters;
  while (status.ok()) {
    status = observerd({"dlq", "list", "--json"}, &list, true);
    if (!status.ok()) break;
    const Result<json::Value> parsed = json::parse(list, Code::DeadLetterQueue);
    if (parsed && parsed->is_array() && !parsed->items().empty()) {
      letters = *parsed;
      break;
    }
    if (std::chrono::steady_clock::now() > until) {
      status = Status::error(Code::DeadLetterQueue, "the dead letter did not appear");
    }
  }
  if (status.ok()) status = observerd({"dlq", "list"});
  if (!status.ok()) return status;

  heading("The ERP is repaired: re-drive it");
  receiver_.set_down(kErp, false);
  const std::string id = letters->items()[0].string_or("id");
  status = observerd({"dlq", "retry", id});
  if (status.ok()) status = wait_for(kErp, 200, 1);
  while (status.ok()) {
    status = observerd({"dlq", "list", "--status", "success", "--json"}, &list, true);
    if (list.find(id) != std::string::npos) break;
    if (std::chrono::steady_clock::now() > until) {
      status = Status::error(Code::DeadLetterQueue, "the dead letter was not marked as delivered");
    }
  }
  if (status.ok()) status = observerd({"dlq", "show", id});
  return status;
}

Status Demo::summarise() {
  heading("What the tables hold");
  Status status = observerd({"status"});
  if (status.ok()) {
    status = psql(
        "SELECT event_type, status, count(*) FROM observer.observer_events"
        " GROUP BY 1, 2 ORDER BY 1, 2");
  }
  if (!status.ok()) return status;
  heading("Summary");
  say("  deliveries taken by the receiver   " +
      std::to_string(receiver_.count(kCrm, 200) + receiver_.count(kErp, 200)) +
      "\n  attempts that failed               " + std::to_string(receiver_.count(kErp, 503)) +
      "\n  dead letters, re-driven            1");
  return {};
}

void Demo::print_continuation(bool running) {
  const std::string binary = (binary_directory() / "observerd").string();
  if (!running) {
    say("\nTo go on by hand, keep it running:\n  " + binary + " demo --keep");
    return;
  }
  std::string exports;
  const Words words = environment();
  for (std::size_t i = 1; i < words.size(); ++i) exports += "  export '" + words[i] + "'\n";
  say("\nEverything is running. In another terminal:\n" + exports + "  alias observerd='" + binary +
      "'\n  psql \"$DEMO_DATABASE_URL\" -c \"INSERT INTO orders VALUES (10, 'You', 250)\"\n"
      "  observerd status --config " +
      (directory_ / "observerd.json").string() + "\n  observerd dlq list --config " +
      (directory_ / "observerd.json").string() + "\n  tail -f " +
      (directory_ / "daemon.log").string() + "\n\nCtrl-C ends it.");
}

Status Demo::run() {
  Status status = prepare();
  if (status.ok()) status = start_daemon();
  if (status.ok()) status = change_rows();
  if (status.ok()) status = fail_and_retry();
  if (status.ok()) status = summarise();
  if (status.ok()) print_continuation(false);
  return status;
}

void Demo::stay() {
  print_continuation(true);
  while (!interrupted_ && daemon_->running()) std::this_thread::sleep_for(Milliseconds(200));
}

}  // namespace observerd::app
