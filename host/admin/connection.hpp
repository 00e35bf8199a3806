#pragma once

#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/TCPServerConnectionFactory.h>

#include "admin/deadlines.hpp"
#include "admin/site.hpp"
#include "telemetry/log.hpp"

namespace observerd::admin {

/// How much a client may ask of us.
struct Limits {
  int connections = 16;  ///< served at a time; as many threads at most
  int waiting = 64;      ///< accepted and not served yet; more are closed
  std::size_t body_bytes = 64 * 1024;
  Milliseconds request{5000};     ///< for a whole request to arrive
  Milliseconds exchange{30'000};  ///< from then on, for the answer to be made and taken
};

/// What every connection shares. Outlives them.
struct Service {
  const Site& site;
  const Limits& limits;
  Deadlines& deadlines;
  telemetry::Log& log;
};

/// Makes Poco's connections: one request each, read within the limits, answered by the site. A
/// connection is never kept open for another request, so that one deadline is enough and nobody
/// holds a thread by doing nothing.
class ConnectionFactory final : public Poco::Net::TCPServerConnectionFactory {
 public:
  ConnectionFactory(const Service& service, Poco::Net::HTTPServerParams::Ptr params)
      : service_(service), params_(std::move(params)) {}
  Poco::Net::TCPServerConnection* createConnection(const Poco::Net::StreamSocket& socket) override;

 private:
  const Service service_;
  const Poco::Net::HTTPServerParams::Ptr params_;
};

}  // namespace observerd::admin
