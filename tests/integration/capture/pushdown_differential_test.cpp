// One definition, one meaning: whatever the evaluator fires on, the SQL in the trigger lets
// through.
#include <set>

#include "capture/pushdown.hpp"
#include "capture/row_columns.hpp"
#include "capture/sync.hpp"
#include "fixture.hpp"
#include "postgres/quote.hpp"
#include "pushdown_generator.hpp"

namespace observerd::testing {
namespace {

constexpr int kRows = 120;
constexpr int kConditions = 900;
constexpr int kBatch = 50;

Event event_of(EventKind kind, const std::string& new_row, const std::string& old_row) {
  std::string text = R"({"entity":"T","id":"1","kind":")" + std::string(kind_name(kind)) + '"';
  if (kind != EventKind::Delete) text += ",\"new\":" + new_row;
  if (kind != EventKind::Insert) text += ",\"old\":" + old_row;
  Result<Event> event = parse_event(text + '}');
  EXPECT_TRUE(event.ok()) << text;
  return *std::move(event);
}

class PushdownDifferential : public Capture {
 protected:
  /// Fills table t and pairs(place, o, n): each change is from row o to row n.
  void make_rows(PushdownGenerator& generator) {
    for (const char* statement : {PushdownGenerator::kTypes, PushdownGenerator::kTable}) {
      run(statement);
    }
    std::string rows;
    for (int id = 1; id <= kRows; ++id) {
      rows += (id > 1 ? ", (" : "(") + generator.row(id) + ')';
    }
    run("INSERT INTO t VALUES " + rows);
    // A third of the updates change nothing that a condition could see.
    run("CREATE TABLE pairs AS SELECT i AS place, i AS o, CASE i % 3 WHEN 0 THEN i ELSE i % " +
        std::to_string(kRows) + " + 1 END AS n FROM generate_series(1, " + std::to_string(kRows) +
        ") AS i");
    pqxx::connection_base& raw = connection_->raw();
    rows_ = run_sql(raw,
                    "SELECT row_to_json(new), row_to_json(old) FROM public.pairs"
                    " JOIN public.t AS new ON new.id = n JOIN public.t AS old ON old.id = o"
                    " ORDER BY place");
    pqxx::nontransaction transaction(raw);
    columns_ = capture::row_columns(
        transaction, transaction.exec1("SELECT 'public.t'::regclass::oid")[0].as<unsigned>());
  }

  Rows rows_;
  std::vector<capture::RowColumn> columns_;
};

TEST_F(PushdownDifferential, WhateverFiresIsLetThrough) {
  PushdownGenerator generator(7);
  make_rows(generator);
  long fired = 0;
  long silent = 0;
  long excluded = 0;
  for (const EventKind kind : capture::kChangeKinds) {
    std::vector<Event> events;
    for (const std::vector<std::string>& row : rows_) {
      events.push_back(event_of(kind, row[0], row[1]));
    }
    for (int batch = 0; batch < kConditions / 3 / kBatch; ++batch) {
      std::vector<condition::Condition> conditions;
      std::vector<std::string> filters;
      while (conditions.size() < kBatch) {
        const std::string text = generator.condition();
        Result<condition::Condition> parsed = condition::Condition::parse(text);
        ASSERT_TRUE(parsed.ok()) << text << '\n' << parsed.status().to_string();
        const capture::Pushdown pushdown =
            capture::pushdown("T", columns_, {{"o", "T", {kind}, *parsed, true}});
        filters.push_back(pushdown.filter(kind).sql());
        conditions.push_back(*std::move(parsed));
      }
      std::string list;
      for (const std::string& filter : filters) list += (list.empty() ? "" : ", ") + filter;
      const Rows passes =
          run_sql(connection_->raw(), "SELECT " + list +
                                          " FROM public.pairs JOIN public.t AS new ON new.id = n"
                                          " JOIN public.t AS old ON old.id = o ORDER BY place");
      for (std::size_t r = 0; r < events.size(); ++r) {
        for (std::size_t c = 0; c < conditions.size(); ++c) {
          const bool passed = passes[r][c] == "t";
          ASSERT_NE(passes[r][c], "NULL") << filters[c];
          const bool fires = conditions[c].test(events[r]) == condition::Truth::True;
          ASSERT_TRUE(passed || !fires)
              << kind_name(kind) << ' ' << conditions[c].to_string() << '\n'
              << filters[c] << '\n'
              << event_json(events[r]);
          ++(fires ? fired : silent);
          if (!passed) ++excluded;
        }
      }
    }
  }
  RecordProperty("fired", std::to_string(fired));
  RecordProperty("silent", std::to_string(silent));
  RecordProperty("excluded", std::to_string(excluded));
  // A generator of conditions that nothing matches would prove nothing, nor would a compiler that
  // pushes nothing.
  EXPECT_GT(fired, silent / 10);
  EXPECT_GT(excluded, silent / 2) << fired << " fired, " << silent << " did not";
}

TEST_F(PushdownDifferential, TriggersLetThroughWhatFires) {
  PushdownGenerator generator(11);
  make_rows(generator);
  run("CREATE TABLE plain AS SELECT * FROM t; TRUNCATE t");
  std::string assignments;
  for (const capture::RowColumn& column : columns_) {
    if (column.name == "id") continue;
    const std::string name = postgres::quote_identifier(column.name);
    assignments += (assignments.empty() ? "" : ", ") + name + " = n." + name;
  }
  const auto changes = [&] {
    run("TRUNCATE observer.outbox");
    run("INSERT INTO t SELECT * FROM plain");
    run("UPDATE t SET " + assignments +
        " FROM pairs JOIN plain AS n ON n.id = pairs.n"
        " WHERE t.id = o");
    run("DELETE FROM t");
    return run("SELECT kind, key, new_row, old_row FROM observer.outbox");
  };
  add("t", "T");
  const Rows all = changes();
  std::size_t left_out = 0;
  for (int i = 0; i < 15; ++i) {
    std::vector<capture::Interest> observers;
    for (int k = 0; k < 2; ++k) {
      observers.push_back({"o" + std::to_string(k),
                           "T",
                           {},
                           *condition::Condition::parse(generator.condition()),
                           true});
    }
    const auto synced = capture::sync(*connection_, observers);
    ASSERT_TRUE(synced.ok()) << synced.status().to_string();
    ASSERT_TRUE(synced->front().error.ok()) << synced->front().error.to_string();
    const Rows captured = changes();
    const std::set<std::vector<std::string>> seen(captured.begin(), captured.end());
    left_out += all.size() - seen.size();
    for (const std::vector<std::string>& change : all) {
      const Event event = event_of(*parse_kind(change[0]), change[2], change[3]);
      for (const capture::Interest& observer : observers) {
        EXPECT_TRUE(observer.condition.test(event) != condition::Truth::True ||
                    seen.count(change) == 1)
            << observer.condition.to_string() << '\n'
            << event_json(event);
      }
    }
  }
  EXPECT_GT(left_out, all.size());
}

}  // namespace
}  // namespace observerd::testing
