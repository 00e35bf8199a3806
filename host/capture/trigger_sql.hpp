#pragma once

#include <string>
#include <vector>

#include "capture/capture.hpp"
#include "capture/pushdown.hpp"
#include "capture/table_facts.hpp"

/// The SQL text of triggers and their function. The one place that writes it.
namespace observerd::capture {

enum class Mode : unsigned char {
  Statement,  ///< statement triggers with transition tables
  Row,        ///< a row trigger, which partitions inherit
};
const char* mode_name(Mode mode);

/// Row where a statement trigger would not see every row, or not in order: partitioned tables,
/// inheritance, AFTER ROW triggers of the table's own. And where rows are left out: the condition
/// of a row trigger costs next to nothing, that of a statement trigger more than half of capturing.
Mode choose_mode(const TableFacts& facts, const Pushdown& pushdown);

struct TriggerPlan {
  std::string schema;    ///< ours, quoted
  std::string function;  ///< quoted name, without the schema
  std::string entity;
  Mode mode = Mode::Statement;
  OnError on_error = OnError::Abort;
  bool capture_unchanged = false;
  const TableFacts* facts = nullptr;
  const Pushdown* pushdown = nullptr;
};

struct Trigger {
  std::string name;   ///< unquoted
  std::string table;  ///< as in facts
  std::string sql;    ///< CREATE TRIGGER
};

/// Of the same entity always the same name.
std::string function_name(const std::string& entity);
/// The names of the triggers that versions before push-down installed, which did not write them
/// down. All names begin with '!', so that they sort before those of others and our event is
/// written before others react.
std::vector<std::string> unrecorded_trigger_names(Mode mode, bool partitioned);

/// CREATE OR REPLACE FUNCTION …, REVOKE, COMMENT.
std::string create_function(const TriggerPlan& plan);
/// The triggers of the table and of its parts.
std::vector<Trigger> create_triggers(const TriggerPlan& plan);

}  // namespace observerd::capture
