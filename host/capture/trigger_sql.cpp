#include "capture/trigger_sql.hpp"

#include "base/strings.hpp"
#include "base/uuid.hpp"
#include "postgres/quote.hpp"

namespace observerd::capture {
namespace {

using postgres::quote_identifier;
using postgres::quote_literal;

constexpr const char* kInsert = "!observerd_insert";
constexpr const char* kUpdate = "!observerd_update";
constexpr const char* kDelete = "!observerd_delete";
constexpr const char* kTruncate = "!observerd_truncate";
constexpr const char* kRow = "!observerd_row";
constexpr const char* kBefore = "!observerd_before";
constexpr const char* kAfter = "!observerd_after";
constexpr const char* kTruncated = "!observerd_truncated";

/// The key of a row as text: of one column its text, of several a JSON array of texts. Never NULL,
/// or a column that lost its NOT NULL would break the writer.
std::string key_text(const std::vector<std::string>& columns, const std::string& row) {
  std::vector<std::string> texts;
  for (const std::string& column : columns) {
    texts.push_back(row + "." + quote_identifier(column) + "::text");
  }
  if (texts.size() == 1) return "coalesce(" + texts[0] + ", '')";
  return "array_to_json(ARRAY[" + join(texts, ", ") + "])::text";
}

/// Names that a text holds as @name@ replaced by their values, once.
class Text {
 public:
  explicit Text(const TriggerPlan& plan)
      : names_{{"schema", plan.schema},
               {"entity", quote_literal(plan.entity)},
               {"type", quote_literal(plan.entity + ".truncate")}} {}
  Text& set(std::string name, std::string value) {
    names_.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  std::string fill(std::string_view text) const {
    std::string out;
    while (!text.empty()) {
      const std::size_t at = text.find('@');
      out += text.substr(0, at);
      if (at == std::string_view::npos) break;
      const std::size_t end = text.find('@', at + 1);
      for (const auto& [name, value] : names_) {
        if (name == text.substr(at + 1, end - at - 1)) out += value;
      }
      text.remove_prefix(end + 1);
    }
    return out;
  }

 private:
  std::vector<std::pair<std::string, std::string>> names_;
};

/// Old and new rows are paired by their place: for every row that an UPDATE touches, the executor
/// appends the old and the new version to the two transition tables in the same breath
/// (AfterTriggerSaveEvent), so the nth of one belongs to the nth of the other, whatever happened
/// to the key. ORDER BY: one statement can update a row twice, by a foreign key to itself.
/// Not pulled up, thanks to row_number(): every body is made once. The shards to wake come from a
/// second look at the keys: INSERT … RETURNING inside WITH costs a short statement half as much
/// again.
constexpr std::string_view kStatementBody = R"sql(
  IF TG_OP = 'INSERT' THEN
    INSERT INTO @schema@.outbox (segment, shard, kind, entity, key, new_row, actor, traceparent)
    SELECT s.last_value, @schema@.shard_of(@entity@, r.key), 'insert', @entity@, r.key, r.body,
           writer_id, writer_trace
    FROM (SELECT @key@ AS key, row_to_json(t.*) AS body FROM observerd_new AS t) AS r
    CROSS JOIN @schema@.outbox_segment AS s;
    IF FOUND THEN
      PERFORM @schema@.wake(d.shard) FROM (
        SELECT DISTINCT @schema@.shard_of(@entity@, @key@) AS shard FROM observerd_new AS t) AS d;
    END IF;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO @schema@.outbox (segment, shard, kind, entity, key, old_key, new_row, old_row,
                                 actor, traceparent)
    SELECT s.last_value, @schema@.shard_of(@entity@, o.key), 'update', @entity@, o.key,
           CASE WHEN n.key <> o.key COLLATE "C" THEN o.key END, n.body, o.body,
           writer_id, writer_trace
    FROM (SELECT row_number() OVER () AS place, @key@ AS key, row_to_json(t.*) AS body
          FROM observerd_old AS t) AS o
    JOIN (SELECT row_number() OVER () AS place, @key@ AS key, row_to_json(t.*) AS body
          FROM observerd_new AS t) AS n ON n.place = o.place
    CROSS JOIN @schema@.outbox_segment AS s
    WHERE @changed@
    ORDER BY o.place;
    IF FOUND THEN
      PERFORM @schema@.wake(d.shard) FROM (
        SELECT DISTINCT @schema@.shard_of(@entity@, @key@) AS shard FROM observerd_old AS t) AS d;
    END IF;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO @schema@.outbox (segment, shard, kind, entity, key, old_row, actor, traceparent)
    SELECT s.last_value, @schema@.shard_of(@entity@, r.key), 'delete', @entity@, r.key, r.body,
           writer_id, writer_trace
    FROM (SELECT @key@ AS key, row_to_json(t.*) AS body FROM observerd_old AS t) AS r
    CROSS JOIN @schema@.outbox_segment AS s;
    IF FOUND THEN
      PERFORM @schema@.wake(d.shard) FROM (
        SELECT DISTINCT @schema@.shard_of(@entity@, @key@) AS shard FROM observerd_old AS t) AS d;
    END IF;
@truncate@  END IF;
)sql";

/// In BEFORE TRUNCATE, where no row was written: the xid has to be taken before the id. Truncating
/// a partitioned table calls the triggers of the table and then those of its partitions.
constexpr std::string_view kTruncateBranch = R"sql(  ELSIF TG_OP = 'TRUNCATE' THEN
    IF TG_WHEN = 'AFTER' THEN
      PERFORM set_config('observer.truncating', '', true);
    ELSIF coalesce(current_setting('observer.truncating', true), '') = '' THEN
      PERFORM pg_current_xact_id();
      INSERT INTO @schema@.outbox (segment, shard, kind, entity, key, event_type, old_row,
                                   actor, traceparent)
      SELECT s.last_value, @schema@.shard_of(@entity@, ''), 'delete', @entity@, '', @type@, '{}',
             writer_id, writer_trace
      FROM @schema@.outbox_segment AS s;
      PERFORM @schema@.wake(@schema@.shard_of(@entity@, ''));
@truncating@    END IF;
)sql";

constexpr std::string_view kRowBody = R"sql(
@scope@  IF TG_OP = 'INSERT' THEN
    row_kind := 'insert';
    row_key := @new_key@;
    new_body := row_to_json(NEW);
@arrived@  ELSIF TG_OP = 'UPDATE' THEN
    row_kind := 'update';
    row_key := @old_key@;
    key_before := CASE WHEN @new_key@ <> row_key COLLATE "C" THEN row_key END;
    new_body := row_to_json(NEW);
    old_body := row_to_json(OLD);
    IF NOT (@changed@) THEN RETURN NULL; END IF;
  ELSIF TG_OP = 'DELETE' THEN
    row_kind := 'delete';
    row_key := @old_key@;
    old_body := row_to_json(OLD);
@truncate@  END IF;
  IF row_kind IS NOT NULL THEN
    INSERT INTO @schema@.outbox (segment, shard, kind, entity, key, old_key, new_row, old_row,
                                 actor, traceparent)
    SELECT s.last_value, @schema@.shard_of(@entity@, row_key), row_kind, @entity@, row_key,
           key_before, new_body, old_body, writer_id, writer_trace
    FROM @schema@.outbox_segment AS s
    RETURNING outbox.shard, outbox.segment, outbox.id INTO row_shard, row_segment, row_id;
    PERFORM @schema@.wake(row_shard);
@departed@  END IF;
)sql";

/// An UPDATE that moves a row to another partition reaches row triggers as a DELETE there and an
/// INSERT here, one right after the other. Statement triggers of the partitioned tables say that
/// an UPDATE is running and at which depth; then the row that was written for the DELETE becomes
/// the update. Nothing is held back meanwhile, so that nothing can be lost: what is not recognised
/// stays a delete and an insert. A DELETE pushes its own mark, which also covers a MERGE that
/// deletes as well.
constexpr std::string_view kScope = R"sql(  IF TG_LEVEL = 'STATEMENT' AND TG_OP <> 'TRUNCATE' THEN
    running := coalesce(current_setting('observer.running', true), '');
    IF TG_WHEN = 'BEFORE' THEN
      running := TG_OP || pg_trigger_depth() || ' ' || running;
    ELSE
      running := substr(running, strpos(running, ' ') + 1);
    END IF;
    PERFORM set_config('observer.running', running, true);
    RETURN NULL;
  END IF;
  moved := nullif(current_setting('observer.moved', true), '')::bigint[];
  IF moved IS NOT NULL THEN
    PERFORM set_config('observer.moved', '', true);
  END IF;
)sql";

constexpr std::string_view kArrived =
    R"sql(    IF moved IS NOT NULL AND moved[1] = pg_trigger_depth() THEN
      UPDATE @schema@.outbox AS o
      SET kind = 'update', new_row = new_body,
          old_key = CASE WHEN o.key <> row_key COLLATE "C" THEN o.key END
      WHERE o.segment = moved[2] AND o.shard = moved[3] AND o.id = moved[4];
      RETURN NULL;
    END IF;
)sql";

constexpr std::string_view kDeparted = R"sql(    IF TG_OP = 'DELETE'
       AND split_part(current_setting('observer.running', true), ' ', 1)
           = 'UPDATE' || pg_trigger_depth() THEN
      PERFORM set_config('observer.moved', ARRAY[pg_trigger_depth(), row_segment, row_shard,
                                                 row_id]::text, true);
    END IF;
)sql";

std::string function_body(const TriggerPlan& plan) {
  const std::vector<std::string>& key = plan.facts->key;
  const bool partitioned = plan.facts->partitioned;
  Text text(plan);
  text.set("key", key_text(key, "t")).set("new_key", key_text(key, "NEW"));
  text.set("old_key", key_text(key, "OLD"));
  text.set("truncating",
           partitioned ? "      PERFORM set_config('observer.truncating', 'on', true);\n" : "");
  text.set("truncate", text.fill(kTruncateBranch));
  std::string out =
      "DECLARE\n"
      "  writer_id text := nullif(current_setting('observer.user_id', true), '');\n"
      "  writer_trace text := nullif(current_setting('observer.traceparent', true), '');\n";
  if (plan.mode == Mode::Statement) {
    text.set("changed",
             plan.capture_unchanged ? "true" : "n.body::text <> o.body::text COLLATE \"C\"");
  } else {
    text.set("changed",
             plan.capture_unchanged ? "true" : "new_body::text <> old_body::text COLLATE \"C\"");
    text.set("scope", partitioned ? std::string(kScope) : "");
    text.set("arrived", partitioned ? text.fill(kArrived) : "");
    text.set("departed", partitioned ? std::string(kDeparted) : "");
    out +=
        "  row_kind text;\n  row_key text;\n  key_before text;\n  new_body json;\n"
        "  old_body json;\n  row_shard smallint;\n  row_segment smallint;\n  row_id bigint;\n";
    if (partitioned) out += "  running text;\n  moved bigint[];\n";
  }
  out +=
      "BEGIN\n"
      "  IF lower(current_setting('observer.suppress', true)) IN ('on', 'true', 'yes', '1') THEN\n"
      "    RETURN NULL;\n  END IF;";
  out += text.fill(plan.mode == Mode::Statement ? kStatementBody : kRowBody);
  out += "  RETURN NULL;\n";
  if (plan.on_error == OnError::Skip) {
    out += text.fill(
        "EXCEPTION WHEN OTHERS THEN\n"
        "  RAISE WARNING 'observerd: a change of % was not captured: %', @entity@, SQLERRM\n"
        "    USING ERRCODE = SQLSTATE;\n"
        "  RETURN NULL;\n");
  }
  return out + "END";
}

std::string create_trigger(const TriggerPlan& plan, const char* name, const std::string& when,
                           const std::string& table, const std::string& how) {
  return "CREATE TRIGGER " + quote_identifier(name) + " " + when + " ON " + table + " " + how +
         " EXECUTE FUNCTION " + plan.schema + "." + plan.function + "()";
}

}  // namespace

const char* mode_name(Mode mode) {
  return mode == Mode::Statement ? "statement" : "row";
}

Mode choose_mode(const TableFacts& facts) {
  return facts.partitioned || facts.inherits || facts.row_triggers ? Mode::Row : Mode::Statement;
}

std::string function_name(const std::string& entity) {
  std::string readable;
  for (const char c : ascii_lower(entity).substr(0, 40)) {
    readable += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
  }
  return "capture_" + readable + "_" + Uuid::v5(Uuid{}, entity).to_string().substr(0, 8);
}

std::vector<std::string> trigger_names(Mode mode, bool partitioned) {
  if (mode == Mode::Statement) return {kInsert, kUpdate, kDelete, kTruncate};
  if (!partitioned) return {kRow, kTruncate};
  return {kRow, kTruncate, kTruncated, kBefore, kAfter};
}

std::string create_function(const TriggerPlan& plan) {
  const std::string name = plan.schema + "." + plan.function + "()";
  // Row text must not vary with the writer's session. The plan of the update, made once for all
  // sizes of statements, must not be a nested loop; the planner expresses that as an enormous cost,
  // which would have every plan of the function compiled, hence no JIT.
  std::string out = "CREATE OR REPLACE FUNCTION " + name +
                    " RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
                    " SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC'"
                    " SET DateStyle = 'ISO, YMD' SET IntervalStyle = 'postgres'"
                    " SET bytea_output = 'hex' SET extra_float_digits = '1'";
  if (plan.mode == Mode::Statement) out += " SET enable_nestloop = 'off' SET jit = 'off'";
  out += " AS " + quote_literal(function_body(plan)) + ";\n";
  // Whoever may execute it could hang it on a table of his own and forge events.
  out += "REVOKE ALL ON FUNCTION " + name + " FROM PUBLIC;\n";
  out += "COMMENT ON FUNCTION " + name + " IS " +
         quote_literal("Written by observerd capture add: captures " + plan.facts->name + " as " +
                       plan.entity) +
         ";\n";
  return out;
}

std::vector<std::string> create_triggers(const TriggerPlan& plan) {
  const TableFacts& facts = *plan.facts;
  const std::string per_statement = "FOR EACH STATEMENT";
  std::vector<std::string> out;
  if (plan.mode == Mode::Statement) {
    const std::string old_rows = "REFERENCING OLD TABLE AS observerd_old ";
    out.push_back(create_trigger(plan, kInsert, "AFTER INSERT", facts.name,
                                 "REFERENCING NEW TABLE AS observerd_new " + per_statement));
    out.push_back(create_trigger(plan, kUpdate, "AFTER UPDATE", facts.name,
                                 old_rows + "NEW TABLE AS observerd_new " + per_statement));
    out.push_back(
        create_trigger(plan, kDelete, "AFTER DELETE", facts.name, old_rows + per_statement));
  } else {
    out.push_back(
        create_trigger(plan, kRow, "AFTER INSERT OR UPDATE OR DELETE", facts.name, "FOR EACH ROW"));
  }
  if (!facts.partitioned) {
    out.push_back(create_trigger(plan, kTruncate, "BEFORE TRUNCATE", facts.name, per_statement));
    return out;
  }
  for (const TableFacts::Part& part : facts.parts) {
    out.push_back(create_trigger(plan, kTruncate, "BEFORE TRUNCATE", part.name, per_statement));
    out.push_back(create_trigger(plan, kTruncated, "AFTER TRUNCATE", part.name, per_statement));
    if (!part.partitioned) continue;
    out.push_back(
        create_trigger(plan, kBefore, "BEFORE UPDATE OR DELETE", part.name, per_statement));
    out.push_back(create_trigger(plan, kAfter, "AFTER UPDATE OR DELETE", part.name, per_statement));
  }
  return out;
}

}  // namespace observerd::capture
