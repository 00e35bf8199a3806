#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "common/bulk_module.hpp"
#include "observerd/plugin.hpp"
#include "search/nodes.hpp"
#include "search/operation.hpp"
#include "search/settings.hpp"

namespace observerd::search {

/// One item's share of a request.
struct Part {
  std::string group;      ///< those with the same one go together
  std::size_t bytes = 0;  ///< of `text`
  std::string text;       ///< what it adds to the body
  std::string path;       ///< where its group goes to
  Operation operation;
};
using Parts = std::vector<Part>;

/// How a flavour is spoken to. Thread-safe; `nodes` outlives it.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual std::variant<Part, sdk::Result> prepare(const sdk::Item& item,
                                                  const ActionSettings& action) const = 0;
  virtual common::Step first_step(const std::shared_ptr<const Parts>& parts) const = 0;
  /// A harmless question that answers 2xx when `action` can be carried out.
  virtual Query probe(const ActionSettings& action) const = 0;
  /// What the answer to probe() says against it; "" for nothing.
  virtual std::string probe_problem(const common::Response& response,
                                    const ActionSettings& action) const;
};

/// The engine of a flavour; metrics go to `host`.
std::unique_ptr<Engine> make_engine(Flavour flavour, const Nodes& nodes, sdk::Host host);
std::unique_ptr<Engine> make_bulk_engine(const Nodes& nodes, sdk::Host host);  // bulk.cpp
std::unique_ptr<Engine> make_meilisearch_engine(const Nodes& nodes);           // meilisearch.cpp
std::unique_ptr<Engine> make_typesense_engine(const Nodes& nodes);             // typesense.cpp

/// What follows for all parts from an answer that is not 2xx and whole, as common/classify.hpp, but
///
/// | answer | outcome |
/// |---|---|
/// | 400, 413 | each half again; alone REJECTED `http_400` … |
/// | 2xx that was too long to be read | each half again; alone RETRY `search_bad_answer` |
/// | 3xx 404 405 410 | MISCONFIGURED `http_404` …: the URL is not that of such an engine |
common::Next judge_refusal(const common::Response& response, std::size_t parts);
/// A 2xx whose body is not what the engine answers: RETRY `search_bad_answer`.
common::Next bad_answer(const common::Response& response, std::size_t parts);
/// True of a complete answer 2xx.
bool is_answer(const common::Response& response);
/// "search_" and the engine's own word for what is wrong, where it is one; else "search_" and the
/// status.
std::string code_of(const std::string& word, int status);
/// The code that a status has, with a message. Holds no more than 300 bytes of `text`.
std::string sentence(int status, const std::string& text);

}  // namespace observerd::search
