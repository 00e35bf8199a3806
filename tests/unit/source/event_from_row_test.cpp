#include <gtest/gtest.h>

#include "source/source.hpp"

namespace observerd::source {
namespace {

const Uuid kInstallation = *Uuid::parse("00000000-0000-4000-8000-000000000001");

OutboxRow row(const char* kind, const char* new_text, const char* old_text) {
  OutboxRow row;
  row.id = 42;
  row.xid = 777;
  row.shard = 2;
  row.kind = kind;
  row.entity = "Order";
  row.key = "17";
  row.new_text = new_text;
  row.old_text = old_text;
  row.created_us = 1'700'000'000'123'456;
  return row;
}

TEST(EventFromRow, KeepsTheTextsAndParsesThem) {
  OutboxRow update = row("update", R"({"id":17,"total":12.50})", R"({"id":16,"total":1e2})");
  update.old_key = "16";
  update.actor = "ann";
  update.trace_parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const Result<Event> event = to_event(update, kInstallation);
  ASSERT_TRUE(event.ok()) << event.status().to_string();
  EXPECT_EQ(event->kind, EventKind::Update);
  EXPECT_EQ(event->type, "Order.update");
  EXPECT_EQ(event->key, "17");
  EXPECT_EQ(event->old_key, "16");
  EXPECT_EQ(event->user, "ann");
  EXPECT_EQ(event->trace_parent, update.trace_parent);
  EXPECT_EQ(event->new_text, update.new_text);
  EXPECT_EQ(event->new_row->find("total")->text(), "12.50");
  EXPECT_EQ(event->old_row->find("total")->text(), "1e2");
  EXPECT_EQ(event->shard, 2);
  EXPECT_EQ(event->outbox_id, 42);
  EXPECT_EQ(event->created.time_since_epoch(), std::chrono::microseconds(1'700'000'000'123'456));
  EXPECT_EQ(event->id, make_event_id(kInstallation, 42, 777, 1'700'000'000'123'456, "Order", "17"));
}

TEST(EventFromRow, TheTraceIsTheSessionsOrElseThatOfANewlyWrittenColumn) {
  const std::string session = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const std::string column = "00-11111111111111111111111111111111-2222222222222222-01";
  const auto trace = [&](const char* kind, const std::string& new_value,
                         const std::string& old_value, const std::string& of_session = "") {
    const auto json = [](const std::string& value) {
      return value.empty() ? value
                           : R"({"id":1,"a":{"traceparent":"x"},"traceparent":)" + value + "}";
    };
    OutboxRow written = row(kind, json(new_value).c_str(), json(old_value).c_str());
    written.trace_parent = of_session;
    const Result<Event> event = to_event(written, kInstallation);
    return event.ok() ? event->trace_parent : event.status().to_string();
  };
  const std::string quoted = '"' + column + '"';
  EXPECT_EQ(trace("insert", quoted, ""), column);
  EXPECT_EQ(trace("update", quoted, "null"), column);
  EXPECT_EQ(trace("update", quoted, quoted), "") << "left over from an earlier change";
  EXPECT_EQ(trace("delete", "", quoted), "");
  EXPECT_EQ(trace("insert", quoted, "", session), session);
  EXPECT_EQ(trace("insert", quoted, "", "nonsense"), column);
  EXPECT_EQ(trace("insert", R"("nonsense")", ""), "");
  EXPECT_EQ(trace("insert", "17", ""), "");
}

TEST(EventFromRow, TakesEveryShapeThatIsWritten) {
  EXPECT_TRUE(to_event(row("insert", "{}", ""), kInstallation).ok());
  EXPECT_TRUE(to_event(row("delete", "", "{}"), kInstallation).ok());
  EXPECT_TRUE(to_event(row("delete", "", ""), kInstallation).ok()) << "TRUNCATE";
  EXPECT_TRUE(to_event(row("update", "{}", ""), kInstallation).ok()) << "emitted";
  EXPECT_TRUE(to_event(row("custom", "", ""), kInstallation).ok());
  OutboxRow custom = row("custom", "[1]", "");
  custom.type = "order.paid";
  const Result<Event> event = to_event(custom, kInstallation);
  ASSERT_TRUE(event.ok());
  EXPECT_EQ(event->type, "order.paid");
}

TEST(EventFromRow, SaysWhyARowIsNoEvent) {
  OutboxRow nameless = row("insert", "{}", "");
  nameless.entity.clear();
  const struct {
    OutboxRow row;
    const char* says;
  } cases[] = {
      {row("upsert", "{}", ""), "\"upsert\" is not a kind"},
      {row("", "{}", ""), "\"\" is not a kind"},
      {row("insert", "", ""), "an insert without a new row"},
      {row("update", "", "{}"), "an update without a new row"},
      {row("insert", "{}", "{}"), "an insert with an old row"},
      {row("delete", "{}", "{}"), "a delete with a new row"},
      {row("insert", "{\"a\":", ""), "new_row"},
      {row("update", "{}", "{\"a\":\"\\ud800\"}"), "old_row"},
      {nameless, "names no entity"},
  };
  for (const auto& each : cases) {
    const Status status = to_event(each.row, kInstallation).status();
    EXPECT_EQ(status.code(), Code::BadEvent) << each.says;
    EXPECT_NE(status.message().find(each.says), std::string::npos) << status.to_string();
    EXPECT_NE(status.message().find("outbox row 42"), std::string::npos) << status.to_string();
  }
}

}  // namespace
}  // namespace observerd::source
