// Each case: a schema, a value, and what is said of it ("/pointer: sentence").
#include "config/schema.hpp"

#include "config_test_support.hpp"

namespace observerd::config {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using testing::parsed;

std::vector<std::string> problems(const std::string& schema, const std::string& value) {
  std::vector<std::string> out;
  const json::Value document = parsed(value);
  validate_schema(document, parsed(schema),
                  [&](const std::string& pointer, const json::Value&, const std::string& sentence) {
                    out.push_back(pointer + ": " + sentence);
                  });
  return out;
}

struct Case {
  const char* schema;
  const char* value;
  std::vector<std::string> problems;
};

void check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    EXPECT_TRUE(check_schema(parsed(c.schema)).ok()) << check_schema(parsed(c.schema)).to_string();
    EXPECT_THAT(problems(c.schema, c.value), ElementsAreArray(c.problems)) << c.schema << "\n"
                                                                           << c.value;
  }
}

TEST(Schema, Types) {
  check({
      {R"({"type":"string"})", "1", {": must be a string, is a number"}},
      {R"({"type":["string","array","null"]})",
       "{}",
       {": must be a string, an array or null, is an object"}},
      {R"({"type":["string","null"]})", "null", {}},
      {R"({"type":"integer"})", "12345678901234567890123", {}},
      {R"({"type":"integer"})", "1.0", {": must be a whole number, is a number"}},
      {R"({"type":"number"})", "1e400", {}},
      {R"({"type":"boolean"})", "\"true\"", {": must be a boolean, is a string"}},
  });
}

TEST(Schema, MissingAndUnknownMembersAllAtOnce) {
  const char* schema = R"({"type":"object","additionalProperties":false,"required":["url","x"],
      "properties":{"url":{"type":"string"},"x":{},"headers":{"type":"object",
      "additionalProperties":{"type":"string"}}}})";
  check({
      {schema,
       R"({"ulr":"a","headers":{"A":1,"B":"b","C":[]},"zzzzzz":1})",
       {"/url: the setting \"url\" is missing", "/x: the setting \"x\" is missing",
        "/ulr: unknown setting \"ulr\", did you mean \"url\"?",
        "/headers/A: must be a string, is a number", "/headers/C: must be a string, is an array",
        "/zzzzzz: unknown setting \"zzzzzz\""}},
      {R"({"patternProperties":{"^x-":{"type":"number"}},"additionalProperties":false})",
       R"({"x-a":1,"x-b":"","y":1})",
       {"/x-b: must be a number, is a string", "/y: unknown setting \"y\""}},
      {R"({"dependencies":{"a":["b"],"c":{"required":["d"]}}})",
       R"({"a":1,"c":1})",
       {"/b: the setting \"b\" is missing: \"a\" needs it", "/d: the setting \"d\" is missing"}},
      {R"({"properties":{"a/b":{"type":"null"}}})",
       R"({"a/b":1})",
       {"/a~1b: must be null, is a number"}},
  });
}

TEST(Schema, NumbersAreComparedExactly) {
  check({
      {R"({"maximum":9007199254740992})",
       "9007199254740993",
       {": must be at most 9007199254740992"}},
      {R"({"minimum":1})", "0.999999999999999999999999", {": must be at least 1"}},
      {R"({"minimum":1,"exclusiveMinimum":true})", "1.0", {": must be more than 1"}},
      {R"({"exclusiveMaximum":2})", "2e0", {": must be less than 2"}},
      {R"({"minimum":1,"maximum":2})", "1.5", {}},
      {R"({"enum":[1.0]})", "1", {}},
      {R"({"const":{"a":[1,2.0]}})", R"({"a":[1.0,2]})", {}},
  });
}

TEST(Schema, StringsAndChoices) {
  check({
      {R"({"minLength":1})", "\"\"", {": must not be empty"}},
      {R"({"minLength":2})", "\"é\"", {": must have at least 2 characters"}},
      {R"({"maxLength":1})", "\"é\"", {}},
      {R"({"maxLength":1})", "\"ab\"", {": must have at most 1 character"}},
      {R"({"pattern":"^https?://"})", "\"ftp://\"", {": must match the pattern ^https?://"}},
      {R"({"enum":["POST","PUT",null]})",
       "\"POTS\"",
       {": must be \"POST\", \"PUT\" or null, did you mean \"POST\"?"}},
      {R"({"const":"a"})", "\"zzz\"", {": must be \"a\""}},
  });
}

TEST(Schema, Arrays) {
  check({
      {R"({"minItems":1})", "[]", {": must not be empty"}},
      {R"({"minItems":3})", "[1]", {": must have at least 3 items, has 1"}},
      {R"({"maxItems":1})", "[1,2]", {": must have at most 1 item, has 2"}},
      {R"({"items":{"type":"string"}})", R"(["a",1])", {"/1: must be a string, is a number"}},
      {R"({"uniqueItems":true})",
       R"([1,2,1.0,{"a":1,"b":2},{"b":2,"a":1.0},"1"])",
       {"/2: is the same as item 0: the items must differ",
        "/4: is the same as item 3: the items must differ"}},
  });
}

TEST(Schema, NoBranchFitsReportsTheOneThatWasMeant) {
  const char* text_or_list =
      R"({"oneOf":[{"type":"string","minLength":1},{"type":"array","items":{"type":"string"}}]})";
  const char* providers = R"({"oneOf":[
      {"properties":{"provider":{"enum":["twilio"]},"sid":{"type":"string"}},"required":["sid"]},
      {"properties":{"provider":{"const":"vonage"},"key":{"type":"string"}},"required":["key"]}]})";
  check({
      {text_or_list, "1", {": must be a string or an array, is a number"}},
      {text_or_list, "[\"a\",2]", {"/1: must be a string, is a number"}},
      {text_or_list, "\"\"", {": must not be empty"}},
      {providers, R"({"provider":"vonage"})", {"/key: the setting \"key\" is missing"}},
      {providers,
       R"({"provider":"twilioo"})",
       {"/provider: must be \"twilio\" or \"vonage\", did you mean \"twilio\"?"}},
      {R"({"oneOf":[{"required":["webhook_url"]},{"required":["channel"]}]})",
       "{}",
       {": the setting \"webhook_url\" or \"channel\" is missing"}},
      {R"({"oneOf":[{"required":["webhook_url"]},{"required":["channel"]}]})",
       R"({"webhook_url":1,"channel":2})",
       {": only one of the settings \"webhook_url\" or \"channel\" may be there"}},
      {R"({"oneOf":[{"type":"number"},{"minimum":1}]})",
       "2",
       {": fits more than one of the forms that are allowed here"}},
      {R"({"anyOf":[{"type":"number"},{"minimum":1}]})", "2", {}},
      {R"({"anyOf":[{"type":"null"},{"type":"boolean"}]})",
       "2",
       {": must be null or a boolean, is a number"}},
      {R"({"allOf":[{"minLength":2},{"pattern":"x"}]})",
       "\"a\"",
       {": must have at least 2 characters", ": must match the pattern x"}},
      {R"({"not":{"required":["a","b"]}})",
       R"({"a":1,"b":1})",
       {": the settings \"a\" and \"b\" exclude each other"}},
      {R"({"not":{"type":"null"}})", "null", {": is not allowed here"}},
  });
}

TEST(Schema, DefinitionsMayNestAndGoIntoTheValue) {
  check({
      {R"({"$ref":"#/definitions/tree","definitions":{"tree":{"type":"object",
          "properties":{"next":{"$ref":"#/definitions/tree"}},"additionalProperties":false}}})",
       R"({"next":{"next":{"nxt":{}}}})",
       {"/next/next/nxt: unknown setting \"nxt\", did you mean \"next\"?"}},
  });
}

TEST(Schema, ASchemaThatRefersToItselfEndsInAProblem) {
  const char* schema = R"({"$ref":"#/definitions/a","definitions":{
      "a":{"anyOf":[{"$ref":"#/definitions/b"},{"$ref":"#/definitions/b"}]},
      "b":{"allOf":[{"$ref":"#/definitions/a"},{"$ref":"#/definitions/a"}]}}})";
  EXPECT_FALSE(check_schema(parsed(schema)).ok());
  EXPECT_FALSE(problems(schema, "1").empty());
}

TEST(Schema, AnUnusableSchemaIsRefusedWithEveryProblem) {
  const struct {
    const char* schema;
    const char* problem;
  } cases[] = {
      {R"({"propertys":{}})",
       "OB016 /propertys: the schema is not usable: unknown keyword \"propertys\", did you mean "
       "\"properties\"?"},
      {R"({"type":"text"})",
       "OB016 /type: the schema is not usable: must be \"null\", \"boolean\", \"integer\", "
       "\"number\", \"string\", \"array\" or \"object\""},
      {R"({"items":[{}]})",
       "OB016 /items: the schema is not usable: must be a schema, is an array"},
      {R"({"minLength":-1})",
       "OB016 /minLength: the schema is not usable: must be a whole number from 0 to 999999999"},
      {R"({"pattern":"("})",
       "OB016 /pattern: the schema is not usable: is no pattern: missing ): ("},
      {R"({"$ref":"other.json"})",
       "OB016 /$ref: the schema is not usable: must name a schema below #/definitions/"},
      {R"({"oneOf":[]})",
       "OB016 /oneOf: the schema is not usable: must be an array of at least one schema"},
      {R"({"x-template":"xml"})",
       "OB016 /x-template: the schema is not usable: must be \"text\", \"json\", \"url\", "
       "\"html\", "
       "\"header\", \"glob\" or \"slack\""},
      {R"({"x-secret":1})",
       "OB016 /x-secret: the schema is not usable: must be a boolean, is a number"},
      {R"({"required":[1]})",
       "OB016 /required: the schema is not usable: must be an array of strings"},
      {"[]", "OB016 the schema is not usable: must be a schema, is an array"},
      {R"({"type":[],"properties":{"a":1}})",
       "OB016 /type: the schema is not usable: must not be empty\n"
       "    /properties/a: must be a schema, is a number"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(check_schema(parsed(c.schema)).to_string(), c.problem);
  }
  EXPECT_TRUE(check_schema(parsed(R"({"$schema":"s","title":"t","description":"d","default":1,
      "examples":[],"format":"uri","x-anything":{},"x-lane":"origin","x-template":"url",
      "definitions":{"unused":{}}})"))
                  .ok());
}

}  // namespace
}  // namespace observerd::config
