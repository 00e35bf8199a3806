#include "capture/trigger_function.hpp"

#include <string_view>
#include <utility>

#include "base/strings.hpp"
#include "postgres/quote.hpp"

namespace observerd::capture {
namespace {

using postgres::quote_identifier;
using postgres::quote_literal;

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

/// The shard of a key, and its host woken if it sleeps: the lock says that it is awake and keeps it
/// so until this transaction ends. Here rather than after the INSERT, where a second look at the
/// rows would cost a short statement a third as much again; taking a lock that one has is next to
/// nothing, and PostgreSQL sends equal notifications of a transaction once.
std::string woken_shard(const TriggerPlan& plan, const std::string& key) {
  const std::string shard =
      plan.schema + ".shard_of(" + quote_literal(plan.entity) + ", " + key + ')';
  return "CASE WHEN pg_try_advisory_xact_lock_shared(" + plan.schema + ".lock_class(), 1000000 + " +
         shard + ") THEN " + shard + " ELSE " + plan.schema + ".ring(" + shard + ") END";
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
/// The plan is made once, perhaps for one row, and used for many: a FULL join is never a nested
/// loop, and stays FULL since IS DISTINCT FROM says something of absent rows too.
constexpr std::string_view kStatementBody = R"sql(
  IF TG_OP = 'INSERT' THEN
    INSERT INTO @schema@.outbox (segment, shard, kind, entity, key, new_row, actor, traceparent)
    SELECT to_segment, @shard@, 'insert', @entity@, @key@, row_to_json(t.*), writer_id, writer_trace
    FROM observerd_new AS t;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO @schema@.outbox (segment, shard, kind, entity, key, old_key, new_row, old_row,
                                 actor, traceparent)
    SELECT to_segment, @old_shard@, 'update', @entity@, o.key,
           CASE WHEN n.key <> o.key COLLATE "C" THEN o.key END, n.body, o.body,
           writer_id, writer_trace
    FROM (SELECT row_number() OVER () AS place, @key@ AS key, row_to_json(t.*) AS body
          FROM observerd_old AS t) AS o
    FULL JOIN (SELECT row_number() OVER () AS place, @key@ AS key, row_to_json(t.*) AS body
          FROM observerd_new AS t) AS n ON n.place = o.place
    WHERE @changed@
    ORDER BY o.place;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO @schema@.outbox (segment, shard, kind, entity, key, old_row, actor, traceparent)
    SELECT to_segment, @shard@, 'delete', @entity@, @key@, row_to_json(t.*), writer_id, writer_trace
    FROM observerd_old AS t;
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
      VALUES (to_segment, @schema@.shard_of(@entity@, ''), 'delete', @entity@, '', @type@, '{}',
              writer_id, writer_trace);
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
  ELSIF TG_OP = 'DELETE' THEN
    row_kind := 'delete';
    row_key := @old_key@;
    old_body := row_to_json(OLD);
@truncate@  END IF;
  IF row_kind = 'update' AND NOT (@changed@) THEN
    NULL;
  ELSIF row_kind IS NOT NULL THEN
    row_shard := @row_shard@;
    INSERT INTO @schema@.outbox (segment, shard, kind, entity, key, old_key, new_row, old_row,
                                 actor, traceparent)
    VALUES (to_segment, row_shard, row_kind, @entity@, row_key, key_before, new_body, old_body,
            writer_id, writer_trace)@returning@;
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
      PERFORM set_config('observer.moved', ARRAY[pg_trigger_depth(), to_segment, row_shard,
                                                 row_id]::text, true);
    END IF;
)sql";

std::string declarations(const TriggerPlan& plan) {
  // A column may have the name of a variable; columns are always written with their table.
  std::string out =
      "#variable_conflict use_variable\nDECLARE\n"
      "  writer_id text := nullif(current_setting('observer.user_id', true), '');\n"
      "  writer_trace text := nullif(current_setting('observer.traceparent', true), '');\n"
      "  to_segment smallint;\n";
  if (plan.mode == Mode::Statement) return out;
  out +=
      "  row_kind text;\n  row_key text;\n  key_before text;\n  new_body json;\n"
      "  old_body json;\n  row_shard smallint;\n";
  if (plan.facts->partitioned) out += "  row_id bigint;\n  running text;\n  moved bigint[];\n";
  return out;
}

}  // namespace

std::string trigger_function_body(const TriggerPlan& plan) {
  const std::vector<std::string>& key = plan.facts->key;
  const bool partitioned = plan.facts->partitioned;
  Text text(plan);
  text.set("key", key_text(key, "t")).set("shard", woken_shard(plan, key_text(key, "t")));
  text.set("old_shard", woken_shard(plan, "o.key")).set("row_shard", woken_shard(plan, "row_key"));
  text.set("new_key", key_text(key, "NEW")).set("old_key", key_text(key, "OLD"));
  text.set("truncating",
           partitioned ? "      PERFORM set_config('observer.truncating', 'on', true);\n" : "");
  text.set("truncate", text.fill(kTruncateBranch));
  if (plan.mode == Mode::Statement) {
    text.set("changed", plan.capture_unchanged
                            ? "true"
                            : "n.body::text COLLATE \"C\" IS DISTINCT FROM o.body::text");
  } else {
    text.set("changed",
             plan.capture_unchanged ? "true" : "new_body::text <> old_body::text COLLATE \"C\"");
    text.set("scope", partitioned ? std::string(kScope) : "");
    text.set("arrived", partitioned ? text.fill(kArrived) : "");
    text.set("departed", partitioned ? std::string(kDeparted) : "");
    text.set("returning", partitioned ? "\n    RETURNING outbox.id INTO row_id" : "");
  }
  std::string out =
      declarations(plan) +
      "BEGIN\n"
      "  IF lower(current_setting('observer.suppress', true)) IN ('on', 'true', 'yes', '1') THEN\n"
      "    RETURN NULL;\n  END IF;\n"
      "  to_segment := pg_sequence_last_value(" +
      quote_literal(plan.schema + ".outbox_segment") + "::regclass);";
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

}  // namespace observerd::capture
