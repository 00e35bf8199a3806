#include "pipeline/latency.hpp"

#include <curl/curl.h>
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <memory>
#include <thread>

#include "support/http_server.hpp"

namespace observerd::bench {
namespace {

using std::chrono::steady_clock;
constexpr int kChanges = 300;

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;

void execute(PGconn* connection, const std::string& statement) {
  PGresult* result = PQexec(connection, statement.c_str());
  const ExecStatusType status = PQresultStatus(result);
  PQclear(result);
  if (status != PGRES_COMMAND_OK) give_up(statement + ": " + PQerrorMessage(connection));
}

/// LISTEN, and one POST for each notification: the least that anybody's own listener does.
class PlainListener {
 public:
  PlainListener(const std::string& database, const std::string& url)
      : connection_(PQconnectdb(database.c_str())), easy_(curl_easy_init()) {
    execute(connection_.get(), "LISTEN bench");
    curl_easy_setopt(easy_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, "{}");
    thread_ = std::thread([this] { run(); });
  }
  ~PlainListener() {
    ending_ = true;
    thread_.join();
    curl_easy_cleanup(easy_);
  }
  PlainListener(const PlainListener&) = delete;
  PlainListener& operator=(const PlainListener&) = delete;

 private:
  void run() {
    while (!ending_) {
      pollfd ready{PQsocket(connection_.get()), POLLIN, 0};
      if (poll(&ready, 1, 50) <= 0) continue;
      PQconsumeInput(connection_.get());
      while (PGnotify* notification = PQnotifies(connection_.get())) {
        PQfreemem(notification);
        curl_easy_perform(easy_);
      }
    }
  }

  const Connection connection_;
  CURL* const easy_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

/// Milliseconds from the return of the statement, which commits, to the next request.
double arrival(PGconn* connection, const std::string& statement, testing::HttpServer& receiver) {
  const std::size_t before = receiver.requests().size();
  execute(connection, statement);
  const auto committed = steady_clock::now();
  if (!receiver.wait_for(before + 1)) give_up("what was committed does not arrive");
  const std::chrono::duration<double, std::milli> took = receiver.request(before).time - committed;
  return std::max(took.count(), 0.0);
}

double at(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

void measure_latency(Stage& stage, Report& report) {
  testing::HttpServer receiver;
  stage.configure(
      "failed", observer("Item", R"({"type": "webhook", "url": ")" + receiver.url("/") + R"("})"));
  stage.fill(0);
  const Connection connection(PQconnectdb(stage.installation().database().c_str()));
  const testing::Daemon daemon(stage.installation());
  daemon.wait_until_ready();
  const PlainListener listener(stage.installation().database(), receiver.url("/plain"));
  std::vector<double> ours;
  std::vector<double> other;
  for (int i = 0; i < kChanges; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ours.push_back(arrival(connection.get(),
                           "INSERT INTO item VALUES (" + std::to_string(i) + ", 'a', 1, 'b')",
                           receiver));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    other.push_back(arrival(connection.get(), "NOTIFY bench", receiver));
  }
  std::sort(ours.begin(), ours.end());
  std::sort(other.begin(), other.end());
  const std::string plain = "LISTEN and one POST";
  report.compare("latency, median", "ms", at(ours, 0.5), {plain, at(other, 0.5)}, Better::Lower,
                 Keep::Shown);
  report.compare("latency, p99", "ms", at(ours, 0.99), {plain, at(other, 0.99)}, Better::Lower,
                 Keep::Shown);
}

double resident_mib(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string word;
  while (status >> word) {
    double kib = 0;
    if (word == "VmRSS:" && status >> kib) return kib / 1024;
  }
  give_up("no memory figure of process " + std::to_string(pid));
}

}  // namespace observerd::bench
