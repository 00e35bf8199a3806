#include "config_test_support.hpp"

namespace observerd::config {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

constexpr const char* kSchema = R"({"type":"object","additionalProperties":false,"required":["url"],
  "definitions":{"secret":{"type":"string","x-secret":true,"minLength":8}},
  "properties":{
    "url":{"type":"string","pattern":"^https?://","x-template":"url"},
    "method":{"enum":["POST","PUT"]},
    "headers":{"type":"object","additionalProperties":{"type":"string","x-template":"header"}},
    "body":{"oneOf":[{"type":"object"},{"type":"string"}],"x-template":"json"},
    "blocks":{},
    "signing_secret":{"$ref":"#/definitions/secret"},
    "signing_secrets":{"oneOf":[{"$ref":"#/definitions/secret"},
                                {"type":"array","items":{"$ref":"#/definitions/secret"}}]},
    "account":{"type":"object","x-secret":true},
    "auth":{"type":"object","additionalProperties":false,
            "properties":{"user":{"type":"string"},"password":{"type":"string","x-secret":true}}},
    "tags":{"type":"array","items":{"type":"string"}},
    "port":{"type":"integer","minimum":1}}})";

struct Outcome {
  std::optional<Resolved> resolved;
  std::vector<std::string> errors;
};

Environment with_everything() {
  Environment env = environment({{"URL", "https://u:p%40ss@h/x"},
                                 {"KEY", "env-secret"},
                                 {"SHORT", "tiny"},
                                 {"FTP", "ftp://x"}},
                                {{"/run/c/token", "cred-secret\n"}});
  env.credentials_directory = "/run/c";
  return env;
}

Outcome resolve(const std::string& settings) {
  Outcome out;
  Sources sources;
  sources.add("f.json", settings);
  Diagnostics diagnostics;
  out.resolved = resolve_settings(parsed(settings), parsed(kSchema), with_everything(), sources,
                                  "/observers/0/actions/0", diagnostics);
  out.errors = first_lines(diagnostics);
  return out;
}

TEST(Settings, ReferencesAreResolvedWhereTheSchemaExpectsAString) {
  const struct {
    const char* settings;
    const char* value;
    const char* masked;
    std::vector<std::string> secrets;
  } cases[] = {
      {R"({"url":{"env":"URL"}})",
       R"({"url":"https://u:p%40ss@h/x"})",
       R"({"url":{"env":"URL"}})",
       {"https://u:p%40ss@h/x", "p%40ss", "p@ss"}},
      {R"({"url_env":"URL"})",
       R"({"url":"https://u:p%40ss@h/x"})",
       R"({"url_env":"URL"})",
       {"https://u:p%40ss@h/x", "p%40ss", "p@ss"}},
      {R"({"url":"https://h","headers":{"A":{"credential":"token","prefix":"Bearer "}}})",
       R"({"url":"https://h","headers":{"A":"Bearer cred-secret"}})",
       R"({"url":"https://h","headers":{"A":{"credential":"token","prefix":"Bearer "}}})",
       {"cred-secret"}},
      {R"({"url":"https://h","signing_secrets":[{"env":"KEY"},"literal-secret"]})",
       R"({"url":"https://h","signing_secrets":["env-secret","literal-secret"]})",
       R"({"url":"https://h","signing_secrets":[{"env":"KEY"},"***"]})",
       {"env-secret", "literal-secret"}},
      {R"({"url":"https://h","signing_secrets":{"file":"/run/c/token"}})",
       R"({"url":"https://h","signing_secrets":"cred-secret"})",
       R"({"url":"https://h","signing_secrets":{"file":"/run/c/token"}})",
       {"cred-secret"}},
      {R"({"url":"https://h","auth":{"user":"u","password_env":"KEY"}})",
       R"({"url":"https://h","auth":{"user":"u","password":"env-secret"}})",
       R"({"url":"https://h","auth":{"user":"u","password_env":"KEY"}})",
       {"env-secret"}},
      // Free-form parts are data.
      {R"({"url":"https://h","body":{"env":"KEY","a_env":"KEY"},"blocks":[{"file":"/x"}]})",
       R"({"url":"https://h","body":{"env":"KEY","a_env":"KEY"},"blocks":[{"file":"/x"}]})",
       R"({"url":"https://h","body":{"env":"KEY","a_env":"KEY"},"blocks":[{"file":"/x"}]})",
       {}},
  };
  for (const auto& c : cases) {
    const Outcome out = resolve(c.settings);
    ASSERT_THAT(out.errors, IsEmpty()) << c.settings;
    EXPECT_EQ(json::write(out.resolved->value), c.value);
    EXPECT_EQ(json::write(out.resolved->masked), c.masked);
    EXPECT_THAT(out.resolved->secrets, ElementsAreArray(c.secrets)) << c.settings;
  }
}

TEST(Settings, LiteralSecretsAreMaskedAndKnown) {
  const struct {
    const char* settings;
    const char* masked;
    std::vector<std::string> secrets;
  } cases[] = {
      {R"({"url":"https://u:p%40ss@h/x","signing_secret":"whsec_abc"})",
       R"({"url":"https://u:***@h/x","signing_secret":"***"})",
       {"p%40ss", "p@ss", "whsec_abc"}},
      {R"({"url":"https://h","headers":{"Authorization":"Bearer abcd","X-Api-Key":"k1","Cookie":"c",
           "X-Auth-Token":"t","X-Client-Secret":"s","Accept":"text/plain"}})",
       R"({"url":"https://h","headers":{"Authorization":"***","X-Api-Key":"***","Cookie":"***",)"
       R"("X-Auth-Token":"***","X-Client-Secret":"***","Accept":"text/plain"}})",
       {"Bearer abcd", "abcd", "k1", "c", "t", "s"}},
      {R"({"url":"https://h","account":{"private_key":"PEM","id":7}})",
       R"({"url":"https://h","account":{"private_key":"***","id":"***"}})",
       {"PEM"}},
      {R"({"url":"https://h","body":{"proxy":"http://u:pw@p","headers":{"Cookie":"x"}}})",
       R"({"url":"https://h","body":{"proxy":"http://u:***@p","headers":{"Cookie":"***"}}})",
       {"pw", "x"}},
  };
  for (const auto& c : cases) {
    const Outcome out = resolve(c.settings);
    ASSERT_THAT(out.errors, IsEmpty()) << c.settings;
    EXPECT_EQ(json::write(out.resolved->masked), c.masked);
    EXPECT_THAT(out.resolved->secrets, IsSupersetOf(c.secrets)) << c.settings;
  }
}

TEST(Errors, ActionSettingsAllAtOnceWithPlaceAndPointerAsWritten) {
  const std::string at = " /observers/0/actions/0";
  const struct {
    const char* settings;
    std::vector<std::string> errors;
  } cases[] = {
      {"{}", {"OB005 f.json:1:1" + at + "/url: the setting \"url\" is missing"}},
      {"{\"ulr\":1,\n\"method\":\"GTE\", \"port\":0,\n  \"tags\":[1,\"a\"]}",
       {"OB005 f.json:1:1" + at + "/url: the setting \"url\" is missing",
        "OB005 f.json:1:2" + at + "/ulr: unknown setting \"ulr\", did you mean \"url\"?",
        "OB005 f.json:2:10" + at + "/method: must be \"POST\" or \"PUT\"",
        "OB005 f.json:2:24" + at + "/port: must be at least 1",
        "OB005 f.json:3:11" + at + "/tags/0: must be a string, is a number"}},
      // What a reference gave is checked, and never quoted.
      {"{\"url_env\":\"FTP\",\n\"signing_secret\":{\"env\":\"SHORT\"}}",
       {"OB005 f.json:1:12" + at + "/url_env: must match the pattern ^https?://",
        "OB005 f.json:2:18" + at + "/signing_secret: must have at least 8 characters"}},
      {"{\"url\":{\"env\":\"NO\"},\"headers\":{\"A\":{\"credential\":\"x\"}},\"method_env\":"
       "\"NO\"}",
       {"OB001 f.json:1:8" + at + "/url: the environment variable \"NO\" is not set",
        "OB001 f.json:1:36" + at +
            "/headers/A: cannot read the credential \"x\": No such file or directory",
        "OB001 f.json:1:69" + at + "/method_env: the environment variable \"NO\" is not set"}},
      {"{\"url\":\"https://h\",\"url_env\":\"URL\"}",
       {"OB001 f.json:1:30" + at +
            "/url_env: \"url\" is given as well: only one of the two may be there",
        "OB005 f.json:1:20" + at + "/url_env: unknown setting \"url_env\""}},
      {"{\"url\":\"https://h\",\"port_env\":\"URL\",\"foo_env\":\"URL\"}",
       {"OB005 f.json:1:20" + at + "/port_env: unknown setting \"port_env\"",
        "OB005 f.json:1:37" + at + "/foo_env: unknown setting \"foo_env\""}},
      {"{\"url\":\"https://h\",\"port\":{\"env\":\"URL\"}}",
       {"OB005 f.json:1:27" + at + "/port: must be a whole number, is an object"}},
  };
  for (const auto& c : cases) {
    const Outcome out = resolve(c.settings);
    EXPECT_THAT(out.errors, ElementsAreArray(c.errors)) << c.settings;
    EXPECT_FALSE(out.resolved.has_value());
  }
}

TEST(Errors, AMisspeltHostSettingOfAnActionIsSuggested) {
  const Loaded loaded = load_one(with_observer("", "\"url\":\"https://h\",\"on_failur\":\"dlq\""));
  ASSERT_THAT(loaded.errors(), IsEmpty());
  Diagnostics diagnostics;
  const auto resolved =
      resolve_action(loaded.settings().observers[0].actions[0], parsed(kSchema), with_everything(),
                     loaded.configuration->sources, diagnostics);
  EXPECT_FALSE(resolved.has_value());
  EXPECT_THAT(first_lines(diagnostics),
              ElementsAre("OB005 f.json:4:19 /observers/0/actions/0/on_failur: unknown setting "
                          "\"on_failur\", did you mean \"on_failure\"?"));
}

TEST(Errors, ModuleSettingsArePlacedBelowPlugins) {
  const Loaded loaded =
      load_one(with("\"plugins\":{\"modules\":{\"m\":{\"type\":\"t\",\"settings\":{\"prt\":1}}}}"));
  ASSERT_THAT(loaded.errors(), IsEmpty());
  Diagnostics diagnostics;
  const json::Value schema =
      parsed(R"({"additionalProperties":false,"properties":{"port":{"type":"integer"}}})");
  EXPECT_FALSE(resolve_module(loaded.settings().plugins.modules[0], schema, environment(),
                              loaded.configuration->sources, diagnostics)
                   .has_value());
  EXPECT_THAT(first_lines(diagnostics),
              ElementsAre("OB005 f.json:2:51 /plugins/modules/m/settings/prt: unknown setting "
                          "\"prt\", did you mean \"port\"?"));
}

TEST(Settings, TheShownDocumentHoldsNoSecret) {
  const Loaded loaded = load_one(R"({"database":{"url":"postgresql://u:dbsecret@h/d"},
    "plugins":{"settings":{"email":{"host":"h","password":"mailsecret"},
                           "known":{"pin":"knownsecret","password":"shown"}},
               "modules":{"m":{"type":"known","settings":{"pin":"modulesecret"}}}},
    "observers":[{"name":"o","entity":"E","actions":[
      {"type":"x","url_env":"U","api_token":"actionsecret","headers":{"Cookie":"c00kie"},
       "secret":{"env":"S"}}]}]})");
  ASSERT_THAT(loaded.errors(), IsEmpty());
  const json::Value schema = parsed(R"({"properties":{"pin":{"type":"string","x-secret":true}}})");
  const json::Value masked =
      masked_document(*loaded.configuration, [&](const std::string& type, SchemaOf of) {
        return type == "known" && of == SchemaOf::Module ? &schema : nullptr;
      });
  EXPECT_EQ(json::write(masked),
            R"({"database":{"url":"postgresql://u:***@h/d"},)"
            R"("plugins":{"settings":{"email":{"host":"h","password":"***"},)"
            R"("known":{"pin":"***","password":"shown"}},)"
            R"("modules":{"m":{"type":"known","settings":{"pin":"***"}}}},)"
            R"("observers":[{"name":"o","entity":"E","actions":[)"
            R"({"type":"x","url_env":"U","api_token":"***","headers":{"Cookie":"***"},)"
            R"("secret":{"env":"S"}}]}]})");
}

}  // namespace
}  // namespace observerd::config
