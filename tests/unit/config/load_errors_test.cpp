// What is wrong, and exactly where: each case is a configuration and the first lines of its errors.
#include "config_test_support.hpp"

namespace observerd::config {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Case {
  std::string text;
  std::vector<std::string> errors;
};

void check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const Loaded loaded = load_one(c.text);
    EXPECT_THAT(loaded.errors(), ElementsAreArray(c.errors)) << c.text;
    EXPECT_FALSE(loaded.configuration.has_value()) << c.text;
  }
}

TEST(Errors, ConfigurationDocumentsOfTheWrongShape) {
  check({
      {"[]", {"OB001 f.json:1:1: must be an object, is an array"}},
      {"{}", {"OB001 f.json:1:1 /database/url: the setting \"url\" is missing"}},
      {"{\"database\": 1, \"observers\": {}, \"log\": null}",
       {"OB001 f.json:1:14 /database: must be an object, is a number",
        "OB001 f.json:1:30 /observers: must be an array, is an object",
        "OB001 f.json:1:41 /log: must be an object, is null"}},
      {"{\"database\": {\"url\": \"postgresql://h\"},\n \"database\": {\"url\": \"postgres://x\"}}",
       {"OB001 f.json:2:2 /database: the member \"database\" is there twice in one object, first "
        "at "
        "f.json:1:2"}},
  });
}

TEST(Errors, ConfigurationUnknownKeysHaveASuggestionAndThePlaceOfTheKey) {
  check({
      {with("\"observer\": []"),
       {"OB001 f.json:2:1 /observer: unknown setting \"observer\", did you mean \"observers\"?"}},
      {"{\"database\": {\n  \"ulr\" :  \"x\", \"shard\": 4}}",
       {"OB001 f.json:1:14 /database/url: the setting \"url\" is missing",
        "OB001 f.json:2:3 /database/ulr: unknown setting \"ulr\", did you mean \"url\"?",
        "OB001 f.json:2:17 /database/shard: unknown setting \"shard\", did you mean \"shards\"?"}},
      {with("\"defaults\": {\"retry\": {\"max_atempts\": 3}}"),
       {"OB001 f.json:2:24 /defaults/retry/max_atempts: unknown setting \"max_atempts\", did you "
        "mean \"max_attempts\"?"}},
      {with_observer("\"evnts\": [], "),
       {"OB001 f.json:3:1 /observers/0/evnts: unknown setting \"evnts\", did you mean "
        "\"events\"?"}},
      // A comment between key and value: the place is that of the value.
      {with("\"zzzzzzzz\": /* \"zzzzzzzz\": */ 1"),
       {"OB001 f.json:2:31 /zzzzzzzz: unknown setting \"zzzzzzzz\""}},
  });
}

TEST(Errors, ConfigurationValuesOutOfRangeNameTheRange) {
  check({
      {"{\"database\":{\"url\":\"h\",\"schema\":\"pg_x\",\"shards\":65}}",
       {"OB001 f.json:1:20 /database/url: must be a PostgreSQL URL such as "
        "postgresql://user@host/name, or keywords such as \"host=/run/postgresql dbname=name\"",
        "OB001 f.json:1:33 /database/schema: must be 1 to 58 letters, digits and \"_\", must not "
        "start with a digit and not with \"pg_\"",
        "OB001 f.json:1:49 /database/shards: must be from 1 to 64"}},
      {with("\"defaults\":{\"retry\":{\"max_attempts\":0,\"backoff\":\"lineal\",\"jitter\":1.01,\n"
            "\"multiplier\":0.9,\"initial_delay\":\"0s\",\"max_delay\":\"8d\"}}"),
       {"OB001 f.json:2:37 /defaults/retry/max_attempts: must be from 1 to 1000",
        "OB001 f.json:2:49 /defaults/retry/backoff: must be \"exponential\", \"linear\" or "
        "\"fixed\", did you mean \"linear\"?",
        "OB001 f.json:3:34 /defaults/retry/initial_delay: must be from 1ms to 1d",
        "OB001 f.json:3:51 /defaults/retry/max_delay: must be from 1ms to 7d",
        "OB001 f.json:3:14 /defaults/retry/multiplier: must be from 1 to 100",
        "OB001 f.json:2:67 /defaults/retry/jitter: must be from 0 to 1"}},
      {with("\"defaults\":{\"retry\":{\"initial_delay\":\"2h\"}}"),
       {"OB001 f.json:2:38 /defaults/retry/initial_delay: must not be longer than \"max_delay\", "
        "which is 1h"}},
      {with_observer("", "\"timeout\":\"99ms\",\"concurrency\":1001,\"missing\":\"none\""),
       {"OB001 f.json:4:11 /observers/0/actions/0/timeout: must be from 100ms to 1h",
        "OB001 f.json:4:32 /observers/0/actions/0/concurrency: must be from 1 to 1000",
        "OB001 f.json:4:47 /observers/0/actions/0/missing: must be \"error\" or \"empty\""}},
      {with("\"defaults\":{\"timeout\":30,\"max_age\":\"5 minutes\",\"concurrency\":1.5}"),
       {"OB001 f.json:2:23 /defaults/timeout: must be a duration such as \"1500ms\", \"30s\", "
        "\"5m\", \"1h\" or \"7d\", is a number",
        "OB001 f.json:2:62 /defaults/concurrency: must be a whole number from 1 to 1000",
        "OB001 f.json:2:36 /defaults/max_age: must be a duration: a whole number and ms, s, m, h "
        "or d, such as \"30s\""}},
      {with("\"runtime\":{\"queue_bytes\":\"1KiB\",\"queue_events\":99999999999999999999}"),
       {"OB001 f.json:2:48 /runtime/queue_events: must be from 1 to 10000000",
        "OB001 f.json:2:26 /runtime/queue_bytes: must be from 64KiB to 64GiB"}},
      {with("\"log\":{\"level\":\"verbose\",\"format\":true}"),
       {"OB001 f.json:2:16 /log/level: must be \"trace\", \"debug\", \"info\", \"warn\" or "
        "\"error\"",
        "OB001 f.json:2:35 /log/format: must be a string, is a boolean"}},
  });
}

TEST(Errors, ConfigurationOfPluginsAndEntities) {
  check({
      {with("\"plugins\":{\"directories\":[\"/a\",\"b\",3],\"sha256\":{\"x\":\"12\"},"
            "\"required\":{\"x\":1}}"),
       {"OB001 f.json:2:36 /plugins/directories/2: must be a string, is a number",
        "OB001 f.json:2:32 /plugins/directories/1: must be an absolute path",
        "OB001 f.json:2:53 /plugins/sha256/x: must be a SHA-256 sum: 64 hexadecimal digits",
        "OB001 f.json:2:75 /plugins/required/x: must be true or false, is a number"}},
      {with("\"plugins\":{\"settings\":{\"x\":[]},\"modules\":{\"m\":{\"setings\":{}}}}"),
       {"OB001 f.json:2:28 /plugins/settings/x: must be an object, is an array",
        "OB001 f.json:2:47 /plugins/modules/m/type: the setting \"type\" is missing",
        "OB001 f.json:2:48 /plugins/modules/m/setings: unknown setting \"setings\", did you mean "
        "\"settings\"?"}},
      {with("\"entities\":{\"*\":{\"table\":\"t\"},\"A\":{\"table\":\"\",\"key\":[]},\"B\":{}}"),
       {"OB001 f.json:2:17 /entities/*: the name of an entity must be 1 to 100 bytes and not \"*\"",
        "OB001 f.json:2:44 /entities/A/table: must not be empty",
        "OB001 f.json:2:53 /entities/A/key: must name at least one column",
        "OB001 f.json:2:61 /entities/B/table: the setting \"table\" is missing"}},
  });
}

TEST(Errors, ConfigurationOfObserversAllAtOnce) {
  check({
      {with("\"observers\":[{},\n"
            " {\"name\":\"a b\",\"entity\":\"\",\"events\":[],\"actions\":[]},\n"
            " {\"name\":\"x\",\"entity\":\"E\",\"events\":[\"updated\",\"insert\"],\"enabled\":"
            "\"yes\",\n"
            "  \"actions\":[{\"name\":\"n\"},{\"type\":\"t t\",\"name\":\"\"}, 5]},\n"
            " 7]"),
       {"OB001 f.json:2:14 /observers/0/name: the setting \"name\" is missing",
        "OB001 f.json:2:14 /observers/0/entity: the setting \"entity\" is missing",
        "OB001 f.json:2:14 /observers/0/actions: the setting \"actions\" is missing",
        "OB001 f.json:3:10 /observers/1/name: must be 1 to 64 letters, digits, \".\", \"_\" and "
        "\"-\"",
        "OB001 f.json:3:37 /observers/1/events: must name at least one kind of event; \"*\" stands "
        "for all",
        "OB001 f.json:3:25 /observers/1/entity: must not be empty",
        "OB001 f.json:3:50 /observers/1/actions: must have at least one action",
        "OB001 f.json:4:37 /observers/2/events/0: must be \"insert\", \"update\", \"delete\", "
        "\"custom\" or \"*\", did you mean \"update\"?",
        "OB001 f.json:4:67 /observers/2/enabled: must be true or false, is a string",
        "OB001 f.json:5:14 /observers/2/actions/0/type: the setting \"type\" is missing",
        "OB001 f.json:5:35 /observers/2/actions/1/type: must be 1 to 50 letters, digits, \".\", "
        "\"_\" and \"-\"",
        "OB001 f.json:5:48 /observers/2/actions/1/name: must be 1 to 64 letters, digits, \".\", "
        "\"_\" and \"-\"",
        "OB001 f.json:5:53 /observers/2/actions/2: must be an object, is a number",
        "OB001 f.json:6:2 /observers/3: must be an object, is a number"}},
  });
}

TEST(Errors, ConfigurationNamesThatAreUsedTwiceNameBothPlaces) {
  const std::string observer = R"({"name":"same","entity":"E","actions":[{"type":"t"}]})";
  const Loaded loaded = load_named({{"a.json", with("\"observers\":[" + observer + "]")},
                                    {"conf.d/b.json", "{\"observers\":[\n" + observer + "]}"}},
                                   environment());
  EXPECT_THAT(
      loaded.errors(),
      ElementsAre("OB001 conf.d/b.json:2:9 /observers/0/name: the observer name \"same\" is "
                  "used twice, first at a.json:2:14 /observers/0"));
  check({{with_observer("", "},{\"type\":\"t\""),
          {"OB001 f.json:4:11 /observers/0/actions/1/type: two actions of this observer are called "
           "\"t\", the first at f.json:3:12 /observers/0/actions/0: a \"name\" of its own is "
           "required where a type repeats"}}});
}

TEST(Errors, ConfigurationMisspeltEntityAndModule) {
  const std::string entities = "\"entities\":{\"Order\":{\"table\":\"t\"}},\n";
  const auto observer = [](const std::string& entity, const std::string& events) {
    return "\"observers\":[{\"name\":\"o\",\"entity\":\"" + entity + "\",\"events\":[" + events +
           "],\"actions\":[{\"type\":\"t\"}]}]";
  };
  check({
      {with(entities + observer("Oder", "\"update\"")),
       {"OB001 f.json:3:35 /observers/0/entity: there is no entity \"Oder\" in \"entities\", did "
        "you mean \"Order\"?"}},
      {with("\"plugins\":{\"modules\":{\"main\":{\"type\":\"u\"}}},\n" +
            std::string("\"observers\":[{\"name\":\"o\",\"entity\":\"E\",\"actions\":[\n") +
            "{\"type\":\"t\",\"module\":\"man\"},\n{\"type\":\"t\",\"name\":\"x\",\"module\":"
            "\"main\"}]}]"),
       {"OB001 f.json:4:22 /observers/0/actions/0/module: there is no module \"man\" in "
        "\"plugins.modules\", did you mean \"main\"?",
        "OB001 f.json:5:33 /observers/0/actions/1/module: the module \"main\" is of type \"u\", "
        "the action of type \"t\""}},
  });
  EXPECT_THAT(load_one(with(entities + observer("*", "\"update\""))).errors(), IsEmpty());
  // Emitted events need no table.
  EXPECT_THAT(load_one(with(entities + observer("Signup", "\"custom\""))).errors(), IsEmpty());
  EXPECT_THAT(load_one(with(observer("Oder", "\"update\""))).errors(), IsEmpty());
}

TEST(Errors, ConfigurationOfWherePluginsRun) {
  check({
      {with("\"plugins\":{\"isolation\":{\"acme\":\"process\",\"b\":\"proces\"}}"),
       {"OB001 f.json:2:46 /plugins/isolation/b: must be \"in-process\" or \"process\", did you "
        "mean \"process\"?"}},
      {with("\"plugins\":{\"runner\":{\"memory\":\"1MiB\",\"cpu\":1}}"),
       {"OB001 f.json:2:31 /plugins/runner/memory: must be from 64MiB to 1TiB",
        "OB001 f.json:2:38 /plugins/runner/cpu: unknown setting \"cpu\""}},
  });
}

TEST(Errors, ConfigurationOfRatesBreakersAlertsAndTheAdminServer) {
  check({
      {with("\"defaults\":{\"rate\":\"50\",\"breaker\":{\"failures\":0,\"opn\":\"1s\"}}"),
       {"OB001 f.json:2:20 /defaults/rate: must be a rate: a whole number above 0, \"/\" and s, m, "
        "h or d, such as \"50/s\"",
        "OB001 f.json:2:47 /defaults/breaker/failures: must be from 1 to 100000",
        "OB001 f.json:2:49 /defaults/breaker/opn: unknown setting \"opn\", did you mean "
        "\"open\"?"}},
      {with("\"runtime\":{\"overflow\":\"drop_newest\",\"alert\":{}}"),
       {"OB001 f.json:2:23 /runtime/overflow: must be \"block\", \"drop\" or \"drop_oldest\", "
        "did you mean \"drop_oldest\"?",
        "OB001 f.json:2:45 /runtime/alert/action: the setting \"action\" is missing: an action as "
        "observers have it"}},
      {with_observer("", "\"on_failure\":\"alert\""),
       {"OB001 f.json:4:14 /observers/0/actions/0/on_failure: \"alert\" needs "
        "\"runtime.alert\", the action that tells somebody"}},
      {with("\"admin\":{\"listen\":\"0.0.0.0:9810\"}"),
       {"OB001 f.json:2:19 /admin/listen: listening beyond loopback needs a \"token\" in "
        "\"admin\""}},
      {with("\"admin\":{\"listen\":\"9810\"}"),
       {"OB001 f.json:2:19 /admin/listen: must be \"HOST:PORT\" such as \"127.0.0.1:9810\", or "
        "\"unix:/PATH\""}},
  });
}

TEST(Errors, ConditionSyntaxIsPlacedInsideTheStringThatHoldsIt) {
  const struct {
    const char* when;  // as written in the file, at column 9 of line 3
    int column;
  } cases[] = {
      {R"(total > )", 17},                     // the end
      {R"(total >< 3)", 16},                   // plain
      {R"(name == \"x\" && >)", 26},           // escaped quotes before it
      {R"(name == 'é' && >)", 25},             // two bytes, as written
      {R"(name == '\u00e9' && >)", 29},        // one character written as six
      {R"(name == '\ud83d\ude00' && >)", 35},  // one character written as twelve
      {R"(name == 'x' &&\n  >)", 27},          // on the condition's second line
  };
  for (const auto& c : cases) {
    const Loaded loaded = load_one(with_observer("\"when\":\"" + std::string(c.when) + "\","));
    ASSERT_EQ(loaded.diagnostics.errors().size(), 1u) << c.when;
    const Status& error = loaded.diagnostics.errors()[0];
    EXPECT_EQ(error.code(), Code::ConditionSyntax);
    EXPECT_EQ(error.place().file, "f.json");
    EXPECT_EQ(error.place().pointer, "/observers/0/when");
    EXPECT_EQ(error.place().line, 3) << c.when;
    EXPECT_EQ(error.place().column, c.column) << error.to_string();
    EXPECT_THAT(error.to_string(), HasSubstr("^"));
  }
}

TEST(Errors, ConditionFromAVariableIsPlacedAtTheReference) {
  const Loaded loaded =
      load_one(with_observer("\"when\": {\"env\":\"W\"},"), environment({{"W", "a &&"}}));
  ASSERT_EQ(loaded.diagnostics.errors().size(), 1u);
  EXPECT_EQ(loaded.diagnostics.errors()[0].place().to_string(), "f.json:3:9 /observers/0/when");
}

TEST(Errors, AnUnknownKeyThatResemblesNoneNamesThoseThatThereAre) {
  const Loaded loaded = load_one(with_observer("\"kinds\": [\"update\"],"));
  ASSERT_EQ(loaded.diagnostics.errors().size(), 1u);
  ASSERT_EQ(loaded.diagnostics.errors()[0].notes().size(), 1u);
  EXPECT_THAT(loaded.diagnostics.errors()[0].notes()[0],
              HasSubstr("settings here: name, events, entity, when"));
}

TEST(Errors, OneBrokenFileDoesNotHideWhatIsWrongInTheOthers) {
  const Loaded loaded =
      load_named({{"a.json", "{\n \"database\": {\"url\" \"x\"}}"},
                  {"b.json", R"({"observers":[{"name":"o","entity":"E","actions":[]}]})"},
                  {"c.json", "{\"log\": {\"level\": \"loud\"}"}},
                 environment());
  ASSERT_EQ(loaded.diagnostics.errors().size(), 3u);
  EXPECT_THAT(loaded.errors()[0], HasSubstr("OB001 a.json:2:21: not valid JSON"));
  EXPECT_THAT(loaded.errors()[1], HasSubstr("OB001 c.json:1:26: not valid JSON"));
  EXPECT_THAT(loaded.errors()[2], HasSubstr("OB001 b.json:1:50 /observers/0/actions"));
}

}  // namespace
}  // namespace observerd::config
