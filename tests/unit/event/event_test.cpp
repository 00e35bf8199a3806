#include "event/event.hpp"

#include <gtest/gtest.h>

#include <set>

namespace observerd {
namespace {

const Uuid kInstallation = *Uuid::parse("00000000-0000-4000-8000-000000000001");

Event parsed(std::string_view text) {
  auto event = parse_event(text);
  EXPECT_TRUE(event.ok()) << event.status().to_string();
  return event.ok() ? *event : Event();
}

TEST(EventId, DependsOnEveryPartAndNeverChanges) {
  const Uuid id = make_event_id(kInstallation, 7, 700, 1'000'000, "Order", "42");
  EXPECT_EQ(id.to_string(), "a8275943-aebb-507a-9328-32eb53d570a3");
  const std::set<Uuid> ids = {id,
                              make_event_id(kInstallation, 8, 700, 1'000'000, "Order", "42"),
                              make_event_id(kInstallation, 7, 701, 1'000'000, "Order", "42"),
                              make_event_id(kInstallation, 7, 700, 1'000'001, "Order", "42"),
                              make_event_id(kInstallation, 7, 700, 1'000'000, "Orders", "42"),
                              make_event_id(kInstallation, 7, 700, 1'000'000, "Order", "43"),
                              make_event_id(id, 7, 700, 1'000'000, "Order", "42")};
  EXPECT_EQ(ids.size(), 7U);
}

TEST(EventId, JoinsItsPartsWithoutAmbiguity) {
  EXPECT_NE(make_event_id(kInstallation, 1, 2, 3, "a", "b1:c"),
            make_event_id(kInstallation, 1, 2, 3, "a1:b", "c"));
  EXPECT_NE(make_delivery_id(kInstallation, "ab", "c"), make_delivery_id(kInstallation, "a", "bc"));
  EXPECT_NE(make_delivery_id(kInstallation, "a/b", "c"),
            make_delivery_id(kInstallation, "a", "b/c"));
  EXPECT_NE(make_entity_id("Order", "1"), make_entity_id("Order1", ""));
}

TEST(EntityId, IsTheKeyWhenTheKeyIsAUuid) {
  const char* uuid = "886313e1-3b8a-5372-9b90-0c9aee199e5d";
  EXPECT_EQ(make_entity_id("Order", uuid).to_string(), uuid);
  EXPECT_EQ(make_entity_id("Order", "42"), make_entity_id("Order", "42"));
  EXPECT_NE(make_entity_id("Order", "42"), make_entity_id("Invoice", "42"));
}

TEST(ParseEvent, ReadsWhatEventJsonWrites) {
  const std::string text =
      R"({"event_id":"886313e1-3b8a-5372-9b90-0c9aee199e5d","kind":"update","entity":"Order","id":"42",)"
      R"("type":"Order.update","time":"2026-01-31T12:00:00.123456Z","user":"eve",)"
      R"("new":{"total":100.00,"big":9007199254740993},"old":{"total":1e2}})";
  EXPECT_EQ(event_json(parsed(text)), text);
}

TEST(EventJson, SplicesTheRowsAsTheyCame) {
  Event event = parsed(R"({"kind":"insert","entity":"Order","id":"1","new":{"a":1}})");
  event.new_text = "{ \"a\" :\t1.000 }";
  EXPECT_NE(event_json(event).find("\"new\":{ \"a\" :\t1.000 },\"old\":null}"), std::string::npos);
}

TEST(ParseEvent, TakesTheSynonyms) {
  const Event event = parsed(
      R"({"event_type":"UPDATE","entity_type":"Order","entity_id":42,"data":{"status":"shipped","n":1},)"
      R"("changes":{"status":{"old":"paid","new":"shipped"},"note":{"new":"x"},"gone":{"old":5}},)"
      R"("timestamp":"2026-01-31T13:00:00+01:00","user_id":"eve"})");
  EXPECT_EQ(event.kind, EventKind::Update);
  EXPECT_EQ(event.entity, "Order");
  EXPECT_EQ(event.key, "42");
  EXPECT_EQ(event.user, "eve");
  EXPECT_EQ(event.type, "Order.update");
  EXPECT_EQ(format_time(event.created), "2026-01-31T12:00:00.000000Z");
  EXPECT_EQ(event.new_text, R"({"status":"shipped","n":1,"note":"x"})");
  EXPECT_EQ(event.old_text, R"({"status":"paid","n":1,"gone":5})");
}

TEST(ParseEvent, DataOfADeleteIsTheRowThatIsGone) {
  const Event event = parsed(R"({"kind":"delete","entity":"Order","data":{"a":1}})");
  EXPECT_FALSE(event.new_row);
  ASSERT_TRUE(event.old_row);
  EXPECT_EQ(event.row(), &*event.old_row);
}

TEST(ParseEvent, AnEventTypeThatIsNoKindIsACustomEvent) {
  const Event event = parsed(R"({"event_type":"order_paid","entity":"Order","data":[1,2]})");
  EXPECT_EQ(event.kind, EventKind::Custom);
  EXPECT_EQ(event.type, "order_paid");
  EXPECT_EQ(event.new_text, "[1,2]");
}

TEST(ParseEvent, KeysMayBeNumbersAndComposite) {
  EXPECT_EQ(parsed(R"({"kind":"insert","entity":"E","id":12345678901234567890})").key,
            "12345678901234567890");
  EXPECT_EQ(parsed(R"({"kind":"insert","entity":"E","id":[1,"a"]})").key, R"([1,"a"])");
  EXPECT_EQ(parsed(R"({"kind":"insert","entity":"E"})").key, "");
}

TEST(ParseEvent, ErrorsNameThePlace) {
  const struct {
    const char* text;
    const char* error;
  } table[] = {
      {"[]", "OB020 1:1: an event is a JSON object"},
      {"{\"entity\":\"E\"}", "OB020 1:1: an event needs a \"kind\""},
      {"{\"kind\":\"insert\"}", "OB020 1:1: an event needs an \"entity\""},
      {"{\"kind\":\"updte\",\"entity\":\"E\"}",
       "OB020 1:9 /kind: the kind \"updte\" is not one of insert, update, delete, custom, did you "
       "mean \"update\"?"},
      {"{\"kind\":\"insert\",\n \"entity\": 5}", "OB020 2:12 /entity: \"entity\" must be a string"},
      {"{\"kind\":\"insert\",\"entity\":\"E\",\"neww\":{}}",
       "OB020 1:38 /neww: unknown member \"neww\", did you mean \"new\"?"},
      {"{\"kind\":\"insert\",\"entity\":\"E\",\"entity_type\":\"E\"}",
       "OB020 1:45 /entity_type: \"entity\" and \"entity_type\" are the same"},
      {"{\"kind\":\"insert\",\"entity\":\"E\",\"new\":[]}",
       "OB020 1:37 /new: \"new\" must be an object"},
      {"{\"kind\":\"delete\",\"entity\":\"E\",\"new\":{}}", "/new: a delete has no new row"},
      {"{\"kind\":\"insert\",\"entity\":\"E\",\"old\":{}}", "/old: an insert has no old row"},
      {"{\"kind\":\"insert\",\"entity\":\"E\",\"changes\":{\"a\":{}}}",
       "/changes: only an update has changes"},
      {"{\"kind\":\"update\",\"entity\":\"E\",\"new\":{\"a\":1},\"changes\":{\"a\":{\"new\":2}}}",
       "/changes/a/new: the field \"a\" has another value in the new row"},
      {"{\"kind\":\"update\",\"entity\":\"E\",\"changes\":{\"a\":{\"nw\":2}}}",
       "/changes/a/nw: unknown member"},
      {"{\"kind\":\"insert\",\"entity\":\"E\",\"time\":\"yesterday\"}",
       "/time: \"yesterday\" is not a time"},
      {"{\"kind\":\"insert\",\"entity\":\"E\",\"event_id\":\"7\"}",
       "/event_id: the event_id \"7\" is not a UUID"},
      {"{\"kind\":\"insert\",\"entity\":\"E\",\"id\":true}",
       "/id: \"id\" must be a string or a number"},
      {"{\"kind\":\"insert\"", "OB020 1:17: not valid JSON"},
  };
  for (const auto& row : table) {
    const auto event = parse_event(row.text);
    ASSERT_FALSE(event.ok()) << row.text;
    EXPECT_EQ(event.status().code(), Code::BadEvent);
    EXPECT_NE(event.status().to_string().find(row.error), std::string::npos)
        << event.status().to_string();
  }
}

TEST(Time, ReadsRfc3339) {
  const struct {
    const char* text;
    const char* utc;
  } table[] = {
      {"2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000000Z"},
      {"2026-01-31t12:00:00z", "2026-01-31T12:00:00.000000Z"},
      {"2026-01-31 12:00:00.5+05:30", "2026-01-31T06:30:00.500000Z"},
      {"2026-01-01T00:00:00-23:59", "2026-01-01T23:59:00.000000Z"},
      {"2024-02-29T23:59:60Z", "2024-03-01T00:00:00.000000Z"},
      {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
      {"2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00.123456Z"},
  };
  for (const auto& row : table) {
    const auto time = parse_time(row.text);
    ASSERT_TRUE(time) << row.text;
    EXPECT_EQ(format_time(*time), row.utc);
  }
  for (const char* bad :
       {"", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31T12:00Z", "2026-02-30T12:00:00Z",
        "2025-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-31T24:00:00Z",
        "2026-01-31T12:60:00Z", "2026-01-31T12:00:61Z", "2026-01-31T12:00:00.Z",
        "2026-01-31T12:00:00+1:00", "2026-01-31T12:00:00+24:00", "2026-01-31T12:00:00Zx",
        "2500-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "+026-01-31T12:00:00Z"}) {
    EXPECT_FALSE(parse_time(bad)) << bad;
  }
}

}  // namespace
}  // namespace observerd
