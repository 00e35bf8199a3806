#include "app/control_requests.hpp"

#include <algorithm>
#include <thread>

namespace observerd::app {
namespace {

constexpr Milliseconds kLook{50};

}  // namespace

Result<Answers> ask_hosts(postgres::Connection& connection, const std::string& verb,
                          const std::string& argument, Milliseconds patience) {
  store::Control control(connection);
  const auto hosts = control.hosts();
  if (!hosts) return hosts.status();
  std::vector<std::string> asked;
  for (const store::HostRow& host : *hosts) {
    if (host.alive) asked.push_back(host.report.name);
  }
  Answers out;
  if (asked.empty()) return out;
  const auto request = control.ask(verb, argument);
  if (!request) return request.status();
  const SteadyTime deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    auto answers = control.answers(*request);
    if (!answers) return answers.status();
    out.answers = std::move(*answers);
    if (out.answers.size() >= asked.size() || std::chrono::steady_clock::now() > deadline) break;
    std::this_thread::sleep_for(kLook);
  }
  for (const std::string& host : asked) {
    const bool answered = std::any_of(out.answers.begin(), out.answers.end(),
                                      [&](const auto& one) { return one.host_name == host; });
    if (!answered) out.silent.push_back(host);
  }
  return out;
}

}  // namespace observerd::app
