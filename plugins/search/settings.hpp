#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "common/headers.hpp"
#include "common/route_settings.hpp"
#include "common/url.hpp"

namespace observerd::search {

enum class Flavour : std::uint8_t { Elasticsearch, Opensearch, Meilisearch, Typesense };

/// True of the two that speak `_bulk`.
inline bool is_bulk(Flavour flavour) {
  return flavour == Flavour::Elasticsearch || flavour == Flavour::Opensearch;
}

/// What the module has beside the settings of its HTTP client.
struct ModuleSettings {
  Flavour flavour = Flavour::Elasticsearch;
  std::vector<common::Url> urls;  ///< at least one where no problem was reported
  common::Headers credentials;    ///< the header that shows them, or none
  std::size_t max_request_bytes = 0;
  std::string lane_key;  ///< the flavour and the first node; no secret
};

enum class Choice : std::uint8_t { Auto, Index, Update, Upsert, Delete };

/// One action's settings, checked. Members that are templates hold the text as configured; what the
/// host rendered for an item replaces them (operation.hpp).
struct ActionSettings {
  Choice choice = Choice::Auto;
  std::string index;
  bool has_fixed_index = true;  ///< not a template: its absence is the configuration's fault
  std::string id;               ///< "" for the entity's key
  bool has_id = false;
  bool has_document = false;
  std::string routing;
  std::string document_type;
  std::string refresh = "false";
  bool require_alias = false;
  std::string primary_key = "id";
};

ModuleSettings parse_module(const json::Value& settings, bool allow_http,
                            const common::ProblemFn& problem);
/// Each problem is reported with its JSON pointer; the result is of use only when there was none.
ActionSettings parse_action(const json::Value& settings, Flavour flavour,
                            const common::ProblemFn& problem);

/// Why that flavour takes no index of this name; "" when it does.
std::string index_problem(const std::string& name, Flavour flavour);

}  // namespace observerd::search
