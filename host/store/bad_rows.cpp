#include <map>

#include "store/arrays.hpp"
#include "store/writes.hpp"

namespace observerd::store {

void write_bad_rows(const Target& target, const std::vector<const ParkBadRow*>& rows) {
  if (rows.empty()) return;
  std::map<std::int64_t, const ParkBadRow*> last;
  for (const ParkBadRow* row : rows) last[row->outbox_id] = row;
  Int8Array id;
  Int2Array shard;
  TextArray entity, key, reason, text;
  for (const auto& [outbox_id, row] : last) {
    id.add_number(outbox_id);
    shard.add_number(row->shard);
    entity.add_text(row->entity);
    key.add_text(row->key);
    reason.add_text(row->reason);
    text.add_text(row->row_text);
  }
  target.transaction.exec_params0(
      "INSERT INTO " + target.table("bad_rows") +
          " (outbox_id, shard, entity, entity_key, reason, row_text)"
          " SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::text[], $5::text[],"
          " $6::text[])"
          " ON CONFLICT (outbox_id) DO UPDATE SET reason = EXCLUDED.reason,"
          " row_text = EXCLUDED.row_text, created_at = clock_timestamp()",
      id.value(), shard.value(), entity.value(), key.value(), reason.value(), text.value());
}

}  // namespace observerd::store
