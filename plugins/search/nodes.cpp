#include "search/nodes.hpp"

#include <utility>

namespace observerd::search {
namespace {

using common::HttpError;
using common::Response;

std::vector<std::string> bases_of(const std::vector<common::Url>& urls) {
  std::vector<std::string> bases;
  for (const common::Url& url : urls) {
    bases.push_back(url.text);
    while (bases.back().ends_with('/')) bases.back().pop_back();
  }
  return bases;
}

/// Whether the node surely got nothing.
bool is_unreachable(const Response& response) {
  switch (response.error) {
    case HttpError::DnsTemporary:
    case HttpError::DnsNotFound:
    case HttpError::Refused:
    case HttpError::Unreachable:
    case HttpError::ConnectTimeout:
    case HttpError::Tls:
    case HttpError::Certificate:
    case HttpError::AddressRefused:
      return true;
    default:
      return false;
  }
}

/// Whether another node may do better than one that answered so, or not at all.
bool is_unwell(const Response& response) {
  switch (response.error) {
    case HttpError::Reset:
    case HttpError::Timeout:
    case HttpError::Malformed:
    case HttpError::Truncated:
      return true;
    default:
      return response.status == 502 || response.status == 503 || response.status == 504;
  }
}

}  // namespace

Nodes::Nodes(const std::vector<common::Url>& urls, common::Headers credentials)
    : bases_(bases_of(urls)), credentials_(std::move(credentials)) {}

common::Request Nodes::request(std::size_t node, const Query& query) const {
  common::Request request;
  request.method = query.method;
  if (auto url = common::parse_url(bases_.at(node) + query.path)) request.url = *std::move(url);
  request.headers = credentials_;
  request.has_body = query.has_body;
  if (query.has_body) request.headers.emplace_back("Content-Type", query.content_type);
  request.body = query.body;
  return request;
}

common::Step Nodes::step(Query query, Meaning meaning) const {
  return step_to(current_.load(), 1, std::move(query), std::move(meaning));
}

common::Step Nodes::step_to(std::size_t node, std::size_t tries, Query query,
                            Meaning meaning) const {
  common::Step step{request(node, query), {}, {}};
  if (size() == 1) {
    step.meaning = std::move(meaning);
    return step;
  }
  step.meaning = [this, node, tries, query = std::move(query),
                  meaning = std::move(meaning)](const Response& response) -> common::Next {
    if (is_unreachable(response)) {
      const std::size_t next = leave(node);
      if (tries < size()) return {step_to(next, tries + 1, query, meaning)};
    } else if (is_unwell(response)) {
      leave(node);
    }
    return meaning(response);
  };
  return step;
}

/// The node after that one, which is asked from now on unless somebody has chosen already.
std::size_t Nodes::leave(std::size_t node) const {
  const std::size_t next = (node + 1) % size();
  std::size_t expected = node;
  current_.compare_exchange_strong(expected, next);
  return next;
}

}  // namespace observerd::search
