#include "capture/trigger_sql.hpp"

#include "base/strings.hpp"
#include "base/uuid.hpp"
#include "capture/trigger_function.hpp"
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
constexpr const char* kPerStatement = "FOR EACH STATEMENT";
constexpr const char* kPerRow = "FOR EACH ROW";

class Triggers {
 public:
  explicit Triggers(const TriggerPlan& plan) : plan_(plan) {}

  void add(const char* name, const std::string& when, const std::string& table,
           const std::string& how) {
    triggers_.push_back({name, table,
                         "CREATE TRIGGER " + quote_identifier(name) + ' ' + when + " ON " + table +
                             ' ' + how + " EXECUTE FUNCTION " + plan_.schema + '.' +
                             plan_.function + "()"});
  }

  /// One trigger a kind, none for a kind that nobody takes.
  void add_by_kind() {
    add_kind(EventKind::Insert, kInsert, "AFTER INSERT", "REFERENCING NEW TABLE AS observerd_new ");
    add_kind(EventKind::Update, kUpdate, "AFTER UPDATE",
             "REFERENCING OLD TABLE AS observerd_old NEW TABLE AS observerd_new ");
    add_kind(EventKind::Delete, kDelete, "AFTER DELETE", "REFERENCING OLD TABLE AS observerd_old ");
  }

  std::vector<Trigger> take() { return std::move(triggers_); }

 private:
  void add_kind(EventKind kind, const char* name, const char* when, const char* transition) {
    const Bound filter = plan_.pushdown->filter(kind);
    if (filter.is_never()) return;
    if (plan_.mode == Mode::Statement) {
      add(name, when, plan_.facts->name, std::string(transition) + kPerStatement);
      return;
    }
    const std::string condition = filter.is_always() ? "" : " WHEN (" + filter.sql() + ')';
    add(name, when, plan_.facts->name, kPerRow + condition);
  }

  const TriggerPlan& plan_;
  std::vector<Trigger> triggers_;
};

}  // namespace

const char* mode_name(Mode mode) {
  return mode == Mode::Statement ? "statement" : "row";
}

Mode choose_mode(const TableFacts& facts, const Pushdown& pushdown) {
  if (facts.partitioned || facts.inherits || facts.row_triggers) return Mode::Row;
  for (const EventKind kind : kChangeKinds) {
    const Bound filter = pushdown.filter(kind);
    if (!filter.is_never() && !filter.is_always()) return Mode::Row;
  }
  return Mode::Statement;
}

std::string function_name(const std::string& entity) {
  std::string readable;
  for (const char c : ascii_lower(entity).substr(0, 40)) {
    readable += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
  }
  return "capture_" + readable + "_" + Uuid::v5(Uuid{}, entity).to_string().substr(0, 8);
}

std::vector<std::string> unrecorded_trigger_names(Mode mode, bool partitioned) {
  if (mode == Mode::Statement) return {kInsert, kUpdate, kDelete, kTruncate};
  if (!partitioned) return {kRow, kTruncate};
  return {kRow, kTruncate, kTruncated, kBefore, kAfter};
}

std::string create_function(const TriggerPlan& plan) {
  const std::string name = plan.schema + "." + plan.function + "()";
  // Row text must not vary with the writer's session. A plan is made once for all sizes of
  // statements, so it must not be one that was worth compiling for a million rows.
  std::string out = "CREATE OR REPLACE FUNCTION " + name +
                    " RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
                    " SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC'"
                    " SET DateStyle = 'ISO, YMD' SET IntervalStyle = 'postgres'"
                    " SET bytea_output = 'hex' SET extra_float_digits = '1' SET jit = 'off'"
                    " AS " +
                    quote_literal(trigger_function_body(plan)) + ";\n";
  // Whoever may execute it could hang it on a table of his own and forge events.
  out += "REVOKE ALL ON FUNCTION " + name + " FROM PUBLIC;\n";
  out += "COMMENT ON FUNCTION " + name + " IS " +
         quote_literal("Written by observerd capture: captures " + plan.facts->name + " as " +
                       plan.entity) +
         ";\n";
  return out;
}

std::vector<Trigger> create_triggers(const TriggerPlan& plan) {
  const TableFacts& facts = *plan.facts;
  Triggers out(plan);
  if (!facts.partitioned) {
    if (plan.mode == Mode::Row && !plan.pushdown->pushed) {
      out.add(kRow, "AFTER INSERT OR UPDATE OR DELETE", facts.name, kPerRow);
    } else {
      out.add_by_kind();
    }
    // Of kind delete: only for those who take deletes.
    if (!plan.pushdown->filter(EventKind::Delete).is_never()) {
      out.add(kTruncate, "BEFORE TRUNCATE", facts.name, kPerStatement);
    }
    return out.take();
  }
  out.add(kRow, "AFTER INSERT OR UPDATE OR DELETE", facts.name, kPerRow);
  for (const TableFacts::Part& part : facts.parts) {
    out.add(kTruncate, "BEFORE TRUNCATE", part.name, kPerStatement);
    out.add(kTruncated, "AFTER TRUNCATE", part.name, kPerStatement);
    if (!part.partitioned) continue;
    out.add(kBefore, "BEFORE UPDATE OR DELETE", part.name, kPerStatement);
    out.add(kAfter, "AFTER UPDATE OR DELETE", part.name, kPerStatement);
  }
  return out.take();
}

}  // namespace observerd::capture
