#include "capture/row_columns.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace observerd::capture {
namespace {

/// Types of pg_catalog. Left out on purpose: those of which equal values can have several texts
/// (interval, timetz, money, arrays of such), and domains.
constexpr std::array<std::pair<std::string_view, ValueType>, 18> kBuiltIn = {{
    {"int2", ValueType::Integer},
    {"int4", ValueType::Integer},
    {"int8", ValueType::Integer},
    {"numeric", ValueType::Decimal},
    {"float4", ValueType::Real},
    {"float8", ValueType::Double},
    {"bool", ValueType::Boolean},
    {"text", ValueType::Text},
    {"varchar", ValueType::Text},
    {"uuid", ValueType::Label},
    {"bpchar", ValueType::Blank},
    {"date", ValueType::Moment},
    {"timestamp", ValueType::Moment},
    {"timestamptz", ValueType::Moment},
    {"time", ValueType::Moment},
    {"bytea", ValueType::Moment},
    {"json", ValueType::Json},
    {"jsonb", ValueType::Jsonb},
}};

bool is_text(ValueType type) {
  return type == ValueType::Text || type == ValueType::Label || type == ValueType::Blank;
}

}  // namespace

std::vector<RowColumn> row_columns(pqxx::transaction_base& transaction, unsigned table) {
  const pqxx::result rows = transaction.exec_params(
      "SELECT a.attname, t.typname, t.typnamespace = 'pg_catalog'::regnamespace,"
      // A cast of one's own to json is what row_to_json uses, one to text what ::text does.
      " t.typtype = 'e' AND NOT EXISTS (SELECT FROM pg_cast AS c WHERE c.castsource = t.oid"
      "   AND c.casttarget IN ('json'::regtype, 'text'::regtype)),"
      " getdatabaseencoding() = 'UTF8'"
      " FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid"
      " WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
      table);
  std::vector<RowColumn> columns;
  for (const pqxx::row& row : rows) {
    RowColumn column{row[0].c_str(), ValueType::Opaque};
    const auto* const known = std::find_if(kBuiltIn.begin(), kBuiltIn.end(), [&](const auto& type) {
      return type.first == row[1].c_str();
    });
    if (row[2].as<bool>() && known != kBuiltIn.end()) column.type = known->second;
    if (row[3].as<bool>()) column.type = ValueType::Label;
    if (is_text(column.type) && !row[4].as<bool>()) column.type = ValueType::Opaque;
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace observerd::capture
