#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "observerd/plugin.hpp"
#include "search/settings.hpp"

namespace observerd::search {

enum class Verb : std::uint8_t { Index, Update, Upsert, Delete };

/// What one item does to one document, in the words of no flavour.
struct Operation {
  Verb verb = Verb::Index;
  std::string index, id, routing;
  std::string document;     ///< a JSON object; "" where nothing is written
  std::uint64_t order = 0;  ///< the event's position: a later event has a larger one
  bool has_fixed_index = true;
};

/// Reads an item: the rendered settings over the configured ones, the entity's key where there is
/// no id, the new row where there is no document. `id_member` is put into the document, first, with
/// the id as text; "" for not. Else why nothing can be done:
///
/// | code, always REJECTED | when |
/// |---|---|
/// | `search_truncated` | TRUNCATE names no documents |
/// | `search_no_id` | the id is empty or longer than 512 bytes |
/// | `search_bad_index` | an event gave an index a name that cannot be one |
/// | `search_no_document` | the event has no new row, or what was rendered is no object |
/// | `bad_settings`, `bad_event` | what the host gave is no JSON |
std::variant<Operation, sdk::Result> read_operation(const sdk::Item& item,
                                                    const ActionSettings& action, Flavour flavour,
                                                    const std::string& id_member);

}  // namespace observerd::search
