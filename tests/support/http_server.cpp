#include "support/http_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/strings.hpp"

namespace observerd::testing {
namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr std::string_view kToken =
    "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool read_more(int socket, std::string& buffer) {
  char block[16 * 1024];
  const ssize_t size = recv(socket, block, sizeof block, 0);
  if (size <= 0) return false;
  buffer.append(block, static_cast<std::size_t>(size));
  return true;
}

// Linger 0: close sends RST.
void reset_on_close(int socket) {
  const linger now{1, 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

std::string to_text(const HttpReply& reply) {
  if (!reply.raw.empty()) return reply.raw;
  std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " Scripted\r\n";
  for (const auto& [name, value] : reply.headers) text += name + ": " + value + "\r\n";
  const bool has_no_body = reply.status < 200 || reply.status == 204 || reply.status == 304;
  if (!has_no_body) {
    text += "Content-Length: " + std::to_string(reply.body.size() + reply.missing_bytes) + "\r\n";
  }
  if (reply.then != HttpReply::Then::KeepOpen) text += "Connection: close\r\n";
  return text + "\r\n" + (has_no_body ? "" : reply.body);
}

}  // namespace

std::string HttpRequest::header(std::string_view name) const {
  for (const auto& [header, value] : headers) {
    if (ascii_iequals(header, name)) return value;
  }
  return {};
}

std::size_t HttpRequest::count_header(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(),
                    [&](const auto& header) { return ascii_iequals(header.first, name); }));
}

HttpReply HttpReply::with(std::string name, std::string value) && {
  headers.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

HttpReply HttpReply::after(Milliseconds wait) && {
  delay = wait;
  return std::move(*this);
}

HttpReply HttpReply::dripping(Milliseconds pause) {
  HttpReply reply(200, "a body that takes its time");
  reply.drip = pause;
  return reply;
}

HttpReply HttpReply::truncated() {
  HttpReply reply(200, "abc");
  reply.missing_bytes = 7;
  reply.then = Then::Close;
  return reply;
}

HttpReply HttpReply::bytes(std::string raw) {
  HttpReply reply;
  reply.raw = std::move(raw);
  reply.then = Then::Close;
  return reply;
}

HttpReply HttpReply::closed() {
  HttpReply reply;
  reply.is_silent = true;
  reply.then = Then::Close;
  return reply;
}

HttpReply HttpReply::reset() {
  HttpReply reply = closed();
  reply.then = Then::Reset;
  return reply;
}

HttpReply HttpReply::hang() {
  HttpReply reply;
  reply.is_silent = true;
  reply.delay = std::chrono::hours(24);
  reply.then = Then::Close;
  return reply;
}

HttpServer::HttpServer()
    : acceptor_(1024, [this](int socket, int number) { serve(socket, number); }) {}

HttpServer::~HttpServer() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  acceptor_.end();
}

std::string HttpServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port()) + path;
}

void HttpServer::script(std::vector<HttpReply> replies) {
  const std::lock_guard lock(mutex_);
  for (auto& reply : replies) script_.push_back(std::move(reply));
}

void HttpServer::always(HttpReply reply) {
  handle([reply = std::move(reply)](const HttpRequest&) { return reply; });
}

void HttpServer::handle(Handler handler) {
  const std::lock_guard lock(mutex_);
  handler_ = std::move(handler);
}

bool HttpServer::wait_for(std::size_t count, Milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] { return requests_.size() >= count; });
}

std::vector<HttpRequest> HttpServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

HttpRequest HttpServer::request(std::size_t index) const {
  const std::lock_guard lock(mutex_);
  return index < requests_.size() ? requests_[index] : HttpRequest();
}

std::vector<std::string> HttpServer::violations() const {
  const std::lock_guard lock(mutex_);
  return violations_;
}

void HttpServer::violation(std::string what) {
  const std::lock_guard lock(mutex_);
  violations_.push_back(std::move(what));
}

void HttpServer::serve(int socket, int number) {
  std::string buffer;
  HttpRequest request;
  while (read_request(socket, buffer, request)) {
    request.connection = number;
    request.time = std::chrono::steady_clock::now();
    const HttpReply reply = next_reply(request);
    if (!answer(socket, reply)) break;
    request = {};
  }
}

bool HttpServer::read_request(int socket, std::string& buffer, HttpRequest& request) {
  std::size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more(socket, buffer)) return false;
  }
  std::string_view head = std::string_view(buffer).substr(0, end + 2);
  std::size_t length = 0;
  for (bool is_first = true; !head.empty(); is_first = false) {
    const std::size_t line_end = head.find("\r\n");
    const std::string_view line = head.substr(0, line_end);
    head.remove_prefix(line_end + 2);
    if (line.find_first_of("\r\n") != std::string_view::npos) violation("a bare CR or LF");
    if (is_first) {
      const std::size_t space = line.find(' ');
      const std::size_t last = line.rfind(' ');
      if (space == last || line.substr(last + 1) != "HTTP/1.1") violation("a bad request line");
      request.method = line.substr(0, space);
      request.target = line.substr(space + 1, last - space - 1);
      continue;
    }
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == std::string_view::npos || name.empty() ||
        name.find_first_not_of(kToken) != std::string_view::npos) {
      violation("a bad header line: " + std::string(line));
      continue;
    }
    request.headers.emplace_back(name, trim(line.substr(colon + 1)));
  }
  if (request.count_header("Host") != 1) violation("not exactly one Host");
  if (request.count_header("Content-Length") > 1) violation("more than one Content-Length");
  if (request.count_header("Transfer-Encoding") > 0) violation("a Transfer-Encoding");
  length = std::strtoul(request.header("Content-Length").c_str(), nullptr, 10);
  while (buffer.size() < end + 4 + length) {
    if (!read_more(socket, buffer)) return false;
  }
  request.body = buffer.substr(end + 4, length);
  buffer.erase(0, end + 4 + length);
  return true;
}

HttpReply HttpServer::next_reply(const HttpRequest& request) {
  Handler handler;
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    changed_.notify_all();
    if (!script_.empty()) {
      HttpReply reply = std::move(script_.front());
      script_.pop_front();
      return reply;
    }
    handler = handler_;
  }
  return handler ? handler(request) : HttpReply();
}

bool HttpServer::answer(int socket, const HttpReply& reply) {
  if (reply.delay.count() > 0 && !pause(reply.delay)) return false;
  if (!reply.is_silent && !send_text(socket, to_text(reply), reply.drip)) return false;
  if (reply.then == HttpReply::Then::Reset) reset_on_close(socket);
  return reply.then == HttpReply::Then::KeepOpen;
}

bool HttpServer::send_text(int socket, std::string_view text, Milliseconds drip) {
  while (!text.empty()) {
    const std::size_t piece = drip.count() > 0 ? 1 : text.size();
    const ssize_t sent = send(socket, text.data(), piece, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
    if (drip.count() > 0 && !pause(drip)) return false;
  }
  return true;
}

bool HttpServer::pause(Milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [&] { return is_ending_; });
}

}  // namespace observerd::testing
