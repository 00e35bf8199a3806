#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "common/bulk_module.hpp"
#include "common/headers.hpp"
#include "common/url.hpp"

namespace observerd::search {

/// What is asked of a cluster, whichever node answers.
struct Query {
  std::string method = "POST";
  std::string path;  ///< with its query, percent-encoded, beginning with a slash
  std::string content_type = "application/json";
  std::string body;
  bool has_body = true;
};

/// The nodes of one cluster, and which of them is asked: always the same one until it fails.
/// Thread-safe.
class Nodes {
 public:
  using Meaning = std::function<common::Next(const common::Response& response)>;

  /// At least one URL, unless nothing is ever asked.
  Nodes(const std::vector<common::Url>& urls, common::Headers credentials);

  /// The request to the node in turn. When it cannot be reached, so that it surely got nothing,
  /// each other node is asked before `meaning` is. After any other failure the next request goes to
  /// another node.
  common::Step step(Query query, Meaning meaning) const;
  /// The request to one node.
  common::Request request(std::size_t node, const Query& query) const;
  std::size_t size() const { return bases_.size(); }

 private:
  common::Step step_to(std::size_t node, std::size_t tries, Query query, Meaning meaning) const;
  std::size_t leave(std::size_t node) const;

  const std::vector<std::string> bases_;  // without a slash at their end
  const common::Headers credentials_;
  mutable std::atomic<std::size_t> current_{0};
};

}  // namespace observerd::search
