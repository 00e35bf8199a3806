#pragma once

#include <string>
#include <vector>

#include "capture/capture.hpp"
#include "capture/table_facts.hpp"

/// The SQL text of triggers and their function. The one place that writes it.
namespace observerd::capture {

enum class Mode : unsigned char {
  Statement,  ///< statement triggers with transition tables
  Row,        ///< a row trigger, which partitions inherit
};
const char* mode_name(Mode mode);

/// Row where a statement trigger would not see every row, or not in order: partitioned tables,
/// inheritance, AFTER ROW triggers of the table's own.
Mode choose_mode(const TableFacts& facts);

struct TriggerPlan {
  std::string schema;    ///< ours, quoted
  std::string function;  ///< quoted name, without the schema
  std::string entity;
  Mode mode = Mode::Statement;
  OnError on_error = OnError::Abort;
  bool capture_unchanged = false;
  const TableFacts* facts = nullptr;
};

/// Of the same entity always the same name.
std::string function_name(const std::string& entity);
/// The names that a trigger of ours can have, unquoted. They begin with '!', so that they sort
/// before those of others and our event is written before others react.
std::vector<std::string> trigger_names(Mode mode, bool partitioned);

/// CREATE OR REPLACE FUNCTION …, REVOKE, COMMENT.
std::string create_function(const TriggerPlan& plan);
/// The statements that install the triggers, of the table and of its parts.
std::vector<std::string> create_triggers(const TriggerPlan& plan);

}  // namespace observerd::capture
