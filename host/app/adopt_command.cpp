#include <ostream>

#include "app/commands.hpp"
#include "app/output.hpp"
#include "app/session.hpp"
#include "source/adopt.hpp"

namespace observerd::app {

int adopt_command(const Invocation& invocation) {
  CommandLine line("adopt",
                   "Accepts a database that was restored or copied to another server. Until then "
                   "no host reads it, since a copy that\ngoes on delivering beside its original is "
                   "seldom meant. Stop every host first.");
  if (const auto over = line.parse(invocation)) return *over;
  const auto configuration = load_configuration(invocation, line);
  if (!configuration) return kConfiguration;
  auto connection = open_database(configuration->settings, "adopt");
  if (!connection) return fail(invocation, connection.status());
  const Result<source::Adoption> done = source::adopt(**connection);
  if (!done) return fail(invocation, done.status());
  if (line.json()) {
    print_json(invocation.out,
               json::Value::object({{"needed", json::Value::boolean(done->needed)},
                                    {"from", text_or_null(done->from)},
                                    {"to", text_or_null(done->to)},
                                    {"unsettled", json::Value::integer(done->unsettled)}}));
  } else if (!done->needed) {
    invocation.out << "nothing to adopt: the database belongs to this server already\n";
  } else {
    invocation.out << "adopted: system identifier " << (done->from.empty() ? "unknown" : done->from)
                   << " -> " << (done->to.empty() ? "unknown" : done->to) << "; " << done->unsettled
                   << " events are delivered from here, some perhaps for a second time\n";
  }
  return kDone;
}

}  // namespace observerd::app
