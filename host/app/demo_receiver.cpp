#include "app/demo_receiver.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/StreamCopier.h>

#include <algorithm>

namespace observerd::app {
namespace net = Poco::Net;

class DemoReceiver::Server {
 public:
  explicit Server(DemoReceiver& receiver)
      : socket_(net::SocketAddress("127.0.0.1", 0)),
        server_(new Factory(receiver), socket_, new net::HTTPServerParams) {
    server_.start();
  }
  ~Server() { server_.stopAll(true); }
  int port() const { return socket_.address().port(); }

 private:
  class Handler final : public net::HTTPRequestHandler {
   public:
    explicit Handler(DemoReceiver& receiver) : receiver_(receiver) {}
    void handleRequest(net::HTTPServerRequest& in, net::HTTPServerResponse& out) override {
      Request request;
      request.method = in.getMethod();
      request.path = in.getURI();
      request.delivery = in.get("webhook-id", in.get("Idempotency-Key", ""));
      request.signature = in.get("webhook-signature", "");
      Poco::StreamCopier::copyToString(in.stream(), request.body);
      out.setStatus(static_cast<net::HTTPResponse::HTTPStatus>(receiver_.take(request)));
      out.setContentLength(0);
      out.send();
    }

   private:
    DemoReceiver& receiver_;
  };

  class Factory final : public net::HTTPRequestHandlerFactory {
   public:
    explicit Factory(DemoReceiver& receiver) : receiver_(receiver) {}
    net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
      return new Handler(receiver_);  // Poco owns it
    }

   private:
    DemoReceiver& receiver_;
  };

  net::ServerSocket socket_;
  net::HTTPServer server_;
};

DemoReceiver::DemoReceiver(std::function<void(const Request&)> told) : told_(std::move(told)) {}
DemoReceiver::~DemoReceiver() = default;

Status DemoReceiver::start() {
  try {
    server_ = std::make_unique<Server>(*this);
    return {};
  } catch (const Poco::Exception& error) {
    return Status::error(Code::Configuration,
                         "the demo's receiver cannot listen on 127.0.0.1: " + error.displayText());
  }
}

std::string DemoReceiver::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(server_->port()) + path;
}

void DemoReceiver::set_down(const std::string& path, bool down) {
  const std::lock_guard lock(mutex_);
  std::erase(down_, path);
  if (down) down_.push_back(path);
}

int DemoReceiver::take(Request request) {
  const std::lock_guard lock(mutex_);
  const bool down = std::find(down_.begin(), down_.end(), request.path) != down_.end();
  request.answered = down ? 503 : 200;
  told_(request);
  requests_.push_back(std::move(request));
  changed_.notify_all();
  return requests_.back().answered;
}

std::size_t DemoReceiver::count(const std::string& path, int status) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(
      requests_.begin(), requests_.end(),
      [&](const Request& request) { return request.path == path && request.answered == status; }));
}

bool DemoReceiver::wait_for(const std::string& path, int status, std::size_t count,
                            Milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] {
    const auto there = std::count_if(
        requests_.begin(), requests_.end(),
        [&](const Request& request) { return request.path == path && request.answered == status; });
    return static_cast<std::size_t>(there) >= count;
  });
}

}  // namespace observerd::app
