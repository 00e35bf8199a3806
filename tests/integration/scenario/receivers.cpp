#include "receivers.hpp"

#include <stdexcept>

#include "base/strings.hpp"

namespace observerd::testing {
namespace {

/// 503, {"status": 429, "headers": {…}, "body": "…", "delay_ms": 20}, "reset" or "hang".
HttpReply reply(const json::Value& value) {
  if (value.is_number()) return HttpReply(std::stoi(value.text()));
  if (value.is_string()) {
    if (value.text() == "reset") return HttpReply::reset();
    if (value.text() == "hang") return HttpReply::hang();
    throw std::runtime_error("no such answer: " + value.text());
  }
  HttpReply reply(200);
  for (const auto& [name, member] : value.members()) {
    if (name == "status") {
      reply.status = std::stoi(member.text());
    } else if (name == "body") {
      reply.body = member.text();
    } else if (name == "delay_ms") {
      reply.delay = std::chrono::milliseconds(std::stoi(member.text()));
    } else if (name == "headers") {
      for (const auto& [header, text] : member.members()) {
        reply = std::move(reply).with(header, text.text());
      }
    } else {
      throw std::runtime_error("an answer has no \"" + name + "\"");
    }
  }
  return reply;
}

std::vector<HttpReply> replies(const json::Value& list) {
  std::vector<HttpReply> replies;
  for (const json::Value& one : list.items()) replies.push_back(reply(one));
  return replies;
}

}  // namespace

Receivers::Receivers(const json::Value& description) {
  for (const auto& [name, paths] : description.members()) {
    for (const auto& [path, list] : paths.members()) answers_[name + path] = replies(list);
    auto server = std::make_unique<HttpServer>();
    server->handle([this, receiver = name](const HttpRequest& request) {
      return next(receiver + request.target);
    });
    servers_[name] = std::move(server);
  }
}

void Receivers::answer(const json::Value& answers) {
  const std::lock_guard lock(mutex_);
  for (const auto& [place, list] : answers.members()) answers_[place] = replies(list);
}

HttpReply Receivers::next(const std::string& place) {
  const std::lock_guard lock(mutex_);
  const auto found = answers_.find(place);
  if (found == answers_.end() || found->second.empty()) return HttpReply(200);
  HttpReply reply = found->second.front();
  if (found->second.size() > 1) found->second.erase(found->second.begin());
  return reply;
}

std::string Receivers::substitute(std::string text) const {
  for (const auto& [name, server] : servers_) {
    const std::string word = "${" + name + "}";
    const std::string url = server->url("");
    for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += url.size()) {
      text.replace(at, word.size(), url);
    }
  }
  return text;
}

std::map<std::string, std::vector<HttpRequest>> Receivers::requests() const {
  std::map<std::string, std::vector<HttpRequest>> requests;
  for (const auto& [name, server] : servers_) {
    for (HttpRequest& request : server->requests()) {
      requests[name + request.target].push_back(std::move(request));
    }
  }
  return requests;
}

std::vector<std::string> Receivers::violations() const {
  std::vector<std::string> all;
  for (const auto& [name, server] : servers_) {
    for (const std::string& violation : server->violations()) {
      all.push_back(name + ": " + violation);
    }
  }
  return all;
}

}  // namespace observerd::testing
