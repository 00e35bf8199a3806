#include "admin/server.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/ThreadPool.h>
#include <unistd.h>

#include "admin/socket.hpp"

namespace observerd::admin {
namespace {

namespace net = Poco::Net;

/// For one read or write; the deadlines bound the whole.
constexpr int kIdleSeconds = 5;
/// How long a thread waits for the next connection before it ends. Poco's dispatcher may miss its
/// own wake-up when it stops, and then waits for this long.
constexpr int kThreadIdleMs = 500;

net::HTTPServerParams::Ptr params(const Limits& limits) {
  net::HTTPServerParams::Ptr params = new net::HTTPServerParams;
  params->setKeepAlive(false);
  params->setTimeout(Poco::Timespan(kIdleSeconds, 0));
  params->setThreadIdleTime(Poco::Timespan(0, kThreadIdleMs * 1000));
  params->setMaxThreads(limits.connections);
  params->setMaxQueued(limits.waiting);
  return params;
}

}  // namespace

/// Everything that exists while the server serves; destroyed in reverse order.
class Server::Running {
 public:
  Running(const ServerOptions& options, ListenAddress address, Contents contents,
          const net::ServerSocket& socket, telemetry::Log& log)
      : address_(std::move(address)),
        site_(std::move(contents), Access(address_, options.token)),
        threads_("admin", 1, options.limits.connections),
        server_(
            new ConnectionFactory({site_, options.limits, deadlines_, log}, params(options.limits)),
            threads_, socket, params(options.limits)) {
    server_.start();
  }
  ~Running() {
    server_.stop();
    deadlines_.end_all();
    threads_.joinAll();
    if (address_.is_unix) ::unlink(address_.path.c_str());
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  std::string address() const { return address_.to_string(); }

 private:
  const ListenAddress address_;
  const Site site_;
  Deadlines deadlines_;
  Poco::ThreadPool threads_;
  net::TCPServer server_;
};

Server::Server(ServerOptions options, Contents contents, telemetry::Log& log)
    : options_(std::move(options)), contents_(std::move(contents)), log_(log) {}

Server::~Server() {
  stop();
}

Status Server::start() {
  Result<ListenAddress> address = parse_listen_address(options_.listen);
  if (!address) return address.status();
  if (options_.token.empty() && !address->is_local()) {
    return Status::error(Code::Configuration,
                         "listening beyond loopback needs a \"token\" in \"admin\"");
  }
  Result<net::ServerSocket> socket = listen_on(*address, options_.limits.waiting);
  if (!socket) return socket.status();
  try {
    running_ = std::make_unique<Running>(options_, *address, std::move(contents_), *socket, log_);
  } catch (const std::exception& error) {  // no thread can be made
    return Status::error(Code::Listener,
                         std::string("the admin server cannot start: ") + error.what());
  }
  log_.write(telemetry::Level::Info, "the admin server listens", {{"address", this->address()}});
  return {};
}

void Server::stop() {
  running_.reset();
}

std::string Server::address() const {
  return running_ ? running_->address() : std::string();
}

}  // namespace observerd::admin
