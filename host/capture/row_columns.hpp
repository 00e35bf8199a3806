#pragma once

#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "base/status.hpp"

namespace observerd::capture {

/// What row_to_json makes of a column, as far as SQL can compare the column in the same way.
enum class ValueType : unsigned char {
  Integer,  ///< smallint, integer, bigint
  Decimal,  ///< numeric; a number, but NaN and the infinities are text
  Real,     ///< the shortest digits that read back as the same value; NaN as above
  Double,   ///< the same
  Boolean,
  Text,    ///< text, varchar: the text itself
  Label,   ///< enums, uuid: text, the output of the type
  Blank,   ///< char(n): text, padded with blanks that SQL does not see
  Moment,  ///< date, timestamps, time, bytea: equal values have equal text, but it is another one
  Json,    ///< any JSON; a null that is there looks like NULL
  Jsonb,   ///< the same
  Opaque,  ///< everything else: nothing is known
};

struct RowColumn {
  std::string name;
  ValueType type = ValueType::Opaque;
};

/// The columns of a table. All that is text is Opaque in a database that is not UTF-8, where the
/// order of bytes is not that of code points.
std::vector<RowColumn> row_columns(pqxx::transaction_base& transaction, unsigned table);

}  // namespace observerd::capture
