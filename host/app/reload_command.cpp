#include <ostream>

#include "app/commands.hpp"
#include "app/control_requests.hpp"
#include "app/output.hpp"
#include "app/session.hpp"

namespace observerd::app {
namespace {

/// Opening modules may take a plugin's connect timeout or two.
constexpr Milliseconds kPatience{60'000};

}  // namespace

int reload_command(const Invocation& invocation) {
  CommandLine line("reload",
                   "Asks every running host to take up its configuration anew, and tells how it "
                   "went. A host that finds a\nmistake goes on with the configuration it has, and "
                   "says what is wrong: exit code 3. Without a running host: 1.");
  if (const auto over = line.parse(invocation)) return *over;
  const auto configuration = load_configuration(invocation, line, {"database"});
  if (!configuration) return kConfiguration;
  auto connection = open_database(configuration->settings, "reload");
  if (!connection) return fail(invocation, connection.status());
  const auto answers = ask_hosts(**connection, "reload", "", kPatience);
  if (!answers) return fail(invocation, answers.status());

  bool all = true;
  json::Value hosts = json::Value::array();
  const auto add = [&](const std::string& host, bool ok, const std::string& text) {
    all = all && ok;
    if (line.json()) {
      hosts.push_back(json::Value::object({{"host", json::Value::string(host)},
                                           {"reloaded", json::Value::boolean(ok)},
                                           {"answer", json::Value::string(text)}}));
    } else {
      (ok ? invocation.out : invocation.err) << host << ": " << text << '\n';
    }
  };
  for (const store::Answer& answer : answers->answers) {
    add(answer.host_name, answer.ok, answer.text);
  }
  for (const std::string& host : answers->silent) add(host, false, "did not answer in time");
  const bool none = answers->answers.empty() && answers->silent.empty();
  if (line.json()) {
    print_json(invocation.out, json::Value::object({{"hosts", std::move(hosts)}}));
  } else if (none) {
    invocation.err << "no host is running on this database\n";
  }
  if (none) return kNegative;
  return all ? kDone : kConfiguration;
}

}  // namespace observerd::app
