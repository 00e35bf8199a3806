#pragma once

#include <memory>

#include "common/bulk_module.hpp"
#include "observerd/plugin.hpp"
#include "search/engine.hpp"

namespace observerd::search {

/// What an answer to `_bulk` means for each of its parts. Elasticsearch and OpenSearch say 200 to
/// the request and of each item what became of it:
///
/// | item | outcome, code |
/// |---|---|
/// | 2xx | DELIVERED |
/// | 404 of a deletion, without an error | DELIVERED: there is nothing to delete |
/// | 409 of what has a version | DELIVERED: a later event's document is there, or its deletion |
/// | 409 of an update | RETRY |
/// | 404 index_not_found_exception | MISCONFIGURED; REJECTED where an event named the index |
/// | 400 index_closed_exception | as index_not_found_exception |
/// | 403 cluster_block_exception | RETRY after a minute: read-only, as when the disk is full |
/// | 401, other 403 | MISCONFIGURED |
/// | 429 | THROTTLED |
/// | 5xx, 408 | RETRY |
/// | all other 4xx, such as mapper_parsing_exception | REJECTED |
///
/// Codes are `search_` and the engine's type of error.
common::Next judge_bulk(const common::Response& response, const Parts& parts);

/// The remote id of what was not written because the index has something later.
inline constexpr const char* kSuperseded = "superseded";

}  // namespace observerd::search
