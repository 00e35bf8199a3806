#include "admin/connection.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerConnection.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <charconv>
#include <exception>
#include <istream>
#include <optional>

namespace observerd::admin {
namespace {

namespace net = Poco::Net;

HttpResponse plain(int status, const std::string& sentence) {
  return {status, "text/plain; charset=utf-8", sentence + '\n', {}};
}

std::string peer_of(const net::HTTPServerRequest& request) {
  const net::SocketAddress& address = request.clientAddress();
  return address.family() == net::SocketAddress::UNIX_LOCAL ? "unix" : address.toString();
}

HttpRequest to_request(const net::HTTPServerRequest& from) {
  HttpRequest request;
  request.method = from.getMethod();
  request.target = from.getURI();
  request.is_http_10 = from.getVersion() == net::HTTPMessage::HTTP_1_0;
  for (const auto& [name, value] : from) request.headers.emplace_back(name, value);
  request.peer = peer_of(from);
  return request;
}

/// How the body is framed (RFC 9112, 6): its length, nullopt when it comes in chunks; or the
/// answer to a request whose framing is unclear or too large.
struct Framing {
  std::optional<std::size_t> length = 0;
  std::optional<HttpResponse> refusal = {};
};

Framing framing(const HttpRequest& request, std::size_t most) {
  const std::string* length = request.header("Content-Length");
  const std::string* coding = request.header("Transfer-Encoding");
  if (coding != nullptr) {
    if (length != nullptr || *coding != "chunked" || request.count("Transfer-Encoding") > 1) {
      return {0, plain(400, "the framing of the body is unclear")};
    }
    return {std::nullopt, std::nullopt};
  }
  if (length == nullptr) return {0, std::nullopt};
  std::size_t bytes = 0;
  const char* end = length->data() + length->size();
  const auto [rest, error] = std::from_chars(length->data(), end, bytes);
  if (error != std::errc() || rest != end || request.count("Content-Length") > 1) {
    return {0, plain(400, "the Content-Length is no number")};
  }
  if (bytes > most) return {0, plain(413, "a body has at most " + std::to_string(most) + " bytes")};
  return {bytes, std::nullopt};
}

/// nullopt when the body is there; else what to answer.
std::optional<HttpResponse> read_body(net::HTTPServerRequest& from, HttpRequest& request,
                                      std::size_t most) {
  const Framing framed = framing(request, most);
  if (framed.refusal) return framed.refusal;
  const std::size_t wanted = framed.length.value_or(most + 1);
  if (wanted == 0) return std::nullopt;
  request.body.resize(wanted);
  from.stream().read(request.body.data(), static_cast<std::streamsize>(wanted));
  request.body.resize(static_cast<std::size_t>(from.stream().gcount()));
  if (request.body.size() > most) {
    return plain(413, "a body has at most " + std::to_string(most) + " bytes");
  }
  if (framed.length && request.body.size() < wanted) {
    return plain(400, "the body ended before its length");
  }
  return std::nullopt;
}

class Handler final : public net::HTTPRequestHandler {
 public:
  Handler(const Service& service, std::uint64_t deadline)
      : service_(service), deadline_(deadline) {}

  void handleRequest(net::HTTPServerRequest& from, net::HTTPServerResponse& to) override {
    HttpRequest request = to_request(from);
    // Poco takes any word for a version, and would answer with it.
    const bool known = request.is_http_10 || from.getVersion() == net::HTTPMessage::HTTP_1_1;
    if (!known) to.setVersion(net::HTTPMessage::HTTP_1_1);
    const auto begun = std::chrono::steady_clock::now();
    HttpResponse response;
    if (!known) {
      response = plain(505, "this is HTTP/1.1");
    } else if (auto refusal = read_body(from, request, service_.limits.body_bytes)) {
      response = std::move(*refusal);
    } else {
      service_.deadlines.extend(deadline_, service_.limits.exchange);
      response = respond(request);
    }
    log(request, response, std::chrono::steady_clock::now() - begun);
    to.setStatusAndReason(static_cast<net::HTTPResponse::HTTPStatus>(response.status));
    to.setKeepAlive(false);
    to.setContentType(response.content_type);
    for (const auto& [name, value] : response.headers) to.set(name, value);
    to.sendBuffer(response.body.data(), response.body.size());
  }

 private:
  HttpResponse respond(const HttpRequest& request) const {
    try {
      return service_.site.respond(request);
    } catch (const std::exception& error) {
      service_.log.write(telemetry::Level::Error, "the admin server could not answer",
                         {{"target", request.target}, {"error", error.what()}});
      return plain(500, "internal error");
    }
  }

  void log(const HttpRequest& request, const HttpResponse& response,
           SteadyTime::duration took) const {
    using telemetry::Level;
    const bool refused = response.status == 401 || response.status == 403 || response.status == 421;
    const Level level = refused ? Level::Warn : Level::Debug;
    if (!service_.log.enabled(level)) return;
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
    service_.log.write(level, refused ? "admin request refused" : "admin request",
                       {{"method", request.method},
                        {"target", request.target.substr(0, request.target.find('?'))},
                        {"status", std::to_string(response.status)},
                        {"bytes", std::to_string(response.body.size())},
                        {"took_us", std::to_string(us)},
                        {"peer", request.peer}});
  }

  const Service& service_;
  const std::uint64_t deadline_;
};

class HandlerFactory final : public net::HTTPRequestHandlerFactory {
 public:
  HandlerFactory(const Service& service, std::uint64_t deadline)
      : service_(service), deadline_(deadline) {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
    return new Handler(service_, deadline_);
  }

 private:
  const Service service_;
  const std::uint64_t deadline_;
};

class Connection final : public net::HTTPServerConnection {
 public:
  Connection(const Service& service, const net::StreamSocket& socket,
             const net::HTTPServerParams::Ptr& params, std::uint64_t deadline)
      : HTTPServerConnection(socket, params, new HandlerFactory(service, deadline)),
        deadlines_(service.deadlines),
        deadline_(deadline) {}
  ~Connection() override { deadlines_.remove(deadline_); }

 private:
  Deadlines& deadlines_;
  const std::uint64_t deadline_;
};

}  // namespace

net::TCPServerConnection* ConnectionFactory::createConnection(const net::StreamSocket& socket) {
  const std::uint64_t deadline = service_.deadlines.add(socket, service_.limits.request);
  return new Connection(service_, socket, params_, deadline);
}

}  // namespace observerd::admin
