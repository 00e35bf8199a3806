#include <ostream>

#include "app/commands.hpp"
#include "app/fingerprint.hpp"
#include "app/output.hpp"
#include "app/session.hpp"
#include "store/control.hpp"

namespace observerd::app {

int activate_command(const Invocation& invocation) {
  CommandLine line("activate",
                   "Makes this configuration the one that counts where several hosts share a "
                   "database: hosts with another one\nstop reading until they are reloaded. A "
                   "single host needs no activation.");
  if (const auto over = line.parse(invocation)) return *over;
  const auto configuration = load_configuration(invocation, line);
  if (!configuration) return kConfiguration;
  auto connection = open_database(configuration->settings, "activate");
  if (!connection) return fail(invocation, connection.status());
  store::Control control(**connection);
  const std::string own = fingerprint(*configuration);
  if (Status status = control.activate(own); !status.ok()) return fail(invocation, status);
  const auto hosts = control.hosts();
  if (!hosts) return fail(invocation, hosts.status());

  json::Value list = json::Value::array();
  std::vector<std::string> others;
  for (const store::HostRow& host : *hosts) {
    if (!host.alive) continue;
    const bool same = host.report.fingerprint == own;
    if (!same) others.push_back(host.report.name);
    list.push_back(json::Value::object(
        {{"host", json::Value::string(host.report.name)}, {"active", json::Value::boolean(same)}}));
  }
  if (line.json()) {
    print_json(invocation.out, json::Value::object({{"fingerprint", json::Value::string(own)},
                                                    {"hosts", std::move(list)}}));
    return kDone;
  }
  invocation.out << "active: " << own << '\n';
  for (const std::string& host : others) {
    invocation.out << host << " has another configuration: it reads nothing until it is reloaded\n";
  }
  return kDone;
}

}  // namespace observerd::app
