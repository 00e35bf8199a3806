#include <ostream>

#include "app/commands.hpp"
#include "app/fingerprint.hpp"
#include "app/output.hpp"
#include "app/session.hpp"
#include "app/views/hosts_view.hpp"

namespace observerd::app {

int activate_command(const Invocation& invocation) {
  CommandLine line("activate",
                   "Makes this configuration the one that counts where several hosts share a "
                   "database: hosts with another one\nstop reading until they are reloaded. A "
                   "single host needs no activation.");
  if (const auto over = line.parse(invocation)) return *over;
  const auto configuration = load_configuration(invocation, line, {"database", "runtime"});
  if (!configuration) return kConfiguration;
  auto connection = open_database(configuration->settings, "activate");
  if (!connection) return fail(invocation, connection.status());
  const auto document = views::activate(**connection, fingerprint(*configuration));
  if (!document) return fail(invocation, document.status());
  if (line.json()) {
    print_json(invocation.out, *document);
    return kDone;
  }
  invocation.out << "active: " << document->string_or("fingerprint") << '\n';
  for (const json::Value& host : document->find("hosts")->items()) {
    if (host.find("active")->as_boolean()) continue;
    invocation.out << host.string_or("host")
                   << " has another configuration: it reads nothing until it is reloaded\n";
  }
  return kDone;
}

}  // namespace observerd::app
