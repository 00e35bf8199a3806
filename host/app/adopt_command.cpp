#include <ostream>

#include "app/commands.hpp"
#include "app/stored.hpp"
#include "source/adopt.hpp"

namespace observerd::app {

int adopt_command(const Invocation& invocation) {
  StoredCommand command(
      invocation, "adopt",
      "Accepts a database that was restored or copied to another server. Until then no host reads "
      "it, since a copy that\ngoes on delivering beside its original is seldom meant. Stop every "
      "host first.");
  if (const auto over = command.parse()) return *over;
  if (const auto over = command.start("adopt")) return *over;
  const Result<source::Adoption> done = source::adopt(command.connection());
  if (!done) return fail(invocation, done.status());
  if (command.json()) {
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
