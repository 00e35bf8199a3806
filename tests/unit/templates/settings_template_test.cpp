#include "templates/settings_template.hpp"

#include <gtest/gtest.h>

#include "render_with.hpp"

namespace observerd::templates {
namespace {

json::Value read(std::string_view text) {
  Result<json::Value> value = json::parse(text, Code::Configuration);
  EXPECT_TRUE(value.ok()) << value.status().to_string();
  return value ? std::move(*value) : json::Value();
}

/// The shape of a webhook's schema: every way in which a schema can name a template.
constexpr const char* kSchema = R"({
  "type": "object",
  "definitions": {
    "line": {"type": "string", "x-template": "header"},
    "loop": {"allOf": [{"$ref": "#/definitions/loop"}, {"$ref": "#/definitions/loop"}]}
  },
  "properties": {
    "url": {"type": "string", "x-template": "url", "x-lane": "origin"},
    "method": {"type": "string"},
    "channel": {"type": "string", "x-template": "text", "x-lane": "value"},
    "headers": {"type": "object", "additionalProperties": {"$ref": "#/definitions/line"}},
    "tags": {"type": "object", "patternProperties": {"^t_": {"x-template": "text"}},
             "additionalProperties": {"type": "string"}},
    "body": {"oneOf": [{"type": "string", "x-template": "json"},
                       {"type": ["object", "array"], "x-template": "json"}]},
    "to": {"anyOf": [{"$ref": "#/definitions/line"},
                     {"type": "array", "items": {"$ref": "#/definitions/line"}}]},
    "attachments": {"type": "array", "items": {"type": "object", "properties": {
      "name": {"type": "string", "x-template": "header"},
      "inline": {"type": "boolean"},
      "key": {"type": "string", "x-secret": true}}}},
    "loop": {"$ref": "#/definitions/loop"},
    "secret": {"type": "string", "x-secret": true}
  },
  "allOf": [{"properties": {"extra": {"x-template": "html"}}}],
  "oneOf": [
    {"properties": {"provider": {"const": "a"}, "text": {"x-template": "html"}}, "required": ["provider"]},
    {"properties": {"provider": {"enum": ["b", "c"]}, "text": {"x-template": "slack"}}, "required": ["provider"]},
    {"required": ["never"], "properties": {"text": {"x-template": "glob"}}}
  ]
})";

constexpr const char* kRow = R"({"id":7,"name":"a\"<b>'","total":100.00,"tenant":"t1",
  "items":[1,2],"region":"eu/west","cb":"HTTP://User@Cb.Example/x","none":null})";

std::string problems(const Diagnostics& diagnostics) {
  std::string out;
  for (const Status& error : diagnostics.errors()) out += error.to_string() + "\n";
  return out;
}

struct Outcome {
  std::string rendered, lane;
  bool constant = false;
};

Outcome run(const char* settings, Missing missing = Missing::Error, const char* written = nullptr) {
  const json::Value schema = read(kSchema);
  const json::Value value = read(settings);
  Diagnostics diagnostics;
  json::Value as_written;
  if (written != nullptr) as_written = read(written);
  const SettingsTemplate compiled = SettingsTemplate::compile(
      value, schema, diagnostics, written == nullptr ? nullptr : &as_written);
  if (!diagnostics.ok()) return {problems(diagnostics), "", false};
  const Event event = event_with(kRow);
  const Result<json::Value> rendered = compiled.render(context_of(event), missing);
  if (!rendered) return {rendered.status().to_string(), "", false};
  EXPECT_EQ(compiled.constant_text() != nullptr, compiled.is_constant());
  if (compiled.is_constant()) {
    EXPECT_EQ(*compiled.constant_text(), json::write(*rendered));
  }
  return {json::write(*rendered), compiled.lane_suffix(*rendered), compiled.is_constant()};
}

TEST(SettingsTemplate, RendersJustTheTemplatedMembersWhereverTheSchemaPutsThem) {
  const struct {
    const char* settings;
    const char* expected;
  } cases[] = {
      {R"({"url":"https://a.example/{{region}}","method":"POST","secret":"s"})",
       R"({"url":"https://a.example/eu%2Fwest"})"},
      {R"({"headers":{"X-{{id}}":"{{ tenant }}","Y":"fixed"}})",
       R"({"headers":{"X-{{id}}":"t1","Y":"fixed"}})"},
      {R"({"tags":{"t_a":"{{id}}","b":"{{id}}"}})", R"({"tags":{"t_a":"7"}})"},
      {R"({"to":"{{tenant}}@x"})", R"({"to":"t1@x"})"},
      {R"({"to":["{{tenant}}@x","b"]})", R"({"to":["t1@x","b"]})"},
      {R"({"attachments":[{"name":"{{id}}.pdf","inline":true,"key":"k"},{"inline":false}]})",
       R"({"attachments":[{"name":"7.pdf","inline":true},{"inline":false}]})"},
      {R"({"attachments":[{"inline":false}]})", "{}"},
      {R"({"extra":"{{name}}"})", R"({"extra":"a&quot;&lt;b&gt;&#39;"})"},
      {R"({"provider":"a","text":"{{name}}"})", R"({"text":"a&quot;&lt;b&gt;&#39;"})"},
      {R"({"provider":"c","text":"{{name}}"})", R"({"text":"a\"&lt;b&gt;'"})"},
      {R"({"text":"{{name}}"})", "{}"},
      {R"({"loop":"{{name}}"})", "{}"},
      {R"({"unknown":"{{name}}"})", "{}"},
      {"{}", "{}"},
  };
  for (const auto& one : cases) EXPECT_EQ(run(one.settings).rendered, one.expected) << one.settings;
}

TEST(SettingsTemplate, AJsonBodyIsRenderedLeafByLeafWithTypes) {
  EXPECT_EQ(run(R"({"body":{"id":"{{ id }}","total":"{{ total }}","text":"No. {{ id }}",
                    "name":"{{ name }}","items":["{{items}}","{{items | length}}"],
                    "null":"{{ none }}","dflt":"{{ x | default: 1.0 }}","n":1.50,"t":true,
                    "{{id}}":null}})")
                .rendered,
            R"({"body":{"id":7,"total":100.00,"text":"No. 7","name":"a\"<b>'","items":[[1,2],2],)"
            R"("null":null,"dflt":1.0,"n":1.50,"t":true,"{{id}}":null}})");
  EXPECT_EQ(run(R"({"body":["{{ total }}"]})").rendered, R"({"body":[100.00]})");
}

TEST(SettingsTemplate, AJsonBodyGivenAsTextIsOneTemplateEscapedForJson) {
  EXPECT_EQ(run(R"({"body":"{\"n\":\"{{ name }}\",\"t\":{{ total }}}"})").rendered,
            R"({"body":"{\"n\":\"a\\\"<b>'\",\"t\":100.00}"})");
}

TEST(SettingsTemplate, WithoutATagItIsMadeOnce) {
  const Outcome outcome =
      run(R"({"url":"https://a.example/","headers":{"A":"b {{! c }}"},"body":{"a":[1,"x"]}})");
  EXPECT_TRUE(outcome.constant);
  EXPECT_EQ(outcome.rendered,
            R"({"url":"https://a.example/","headers":{"A":"b "},"body":{"a":[1,"x"]}})");
  EXPECT_EQ(outcome.lane, "");
  EXPECT_FALSE(run(R"({"body":{"a":["{{id}}"]}})").constant);
  EXPECT_TRUE(SettingsTemplate().is_constant());
}

TEST(SettingsTemplate, TheLaneIsTheTemplatedPartOfTheDestination) {
  const struct {
    const char* settings;
    const char* lane;
  } cases[] = {
      {R"({"url":"https://A.example/x"})", ""},
      {R"({"url":"https://a.example/{{id}}"})", ""},
      {R"({"url":"https://a.example:8443?{{id}}"})", ""},
      {R"({"url":"https://A.{{tenant}}.Example/x"})", "https://a.t1.example:443"},
      {R"({"url":"http://a.example:80{{id}}/x"})", "http://a.example:807"},
      {R"({"url":"https://a.example{{#none}}/{{/none}}"})", "https://a.example:443"},
      {R"({"url":"{{ cb }}"})", "http://cb.example:80"},
      {R"({"url":"http://[2001:DB8::1]{{#none}}x{{/none}}"})", "http://[2001:db8::1]:80"},
      {R"({"channel":"#orders"})", ""},
      {R"({"channel":"#{{ tenant }}"})", "#t1"},
      {R"({"url":"{{ cb }}","channel":"{{ tenant }}"})", "http://cb.example:80,t1"},
  };
  for (const auto& one : cases) EXPECT_EQ(run(one.settings).lane, one.lane) << one.settings;
}

TEST(SettingsTemplate, EveryBrokenTemplateIsReportedWithItsPointer) {
  EXPECT_EQ(run(R"({"url":"https://a/{{","headers":{"A/B":"{{ x | uper }}","C":"ok"},
                    "body":{"a":["{{#x}}"]}})")
                .rendered,
            "OB008 1:11 /url: this tag is never closed, expected \"}}\"\n"
            "    https://a/{{\n"
            "              ^\n"
            "OB008 1:8 /headers/A~1B: there is no filter \"uper\", did you mean \"upper\"?\n"
            "    {{ x | uper }}\n"
            "           ^\n"
            "    filters: number, default, upper, lower, trim, truncate, json, date, urlencode, "
            "first, last, join, length\n"
            "OB008 1:1 /body/a/0: the section \"x\" is never closed, expected {{/x}}\n"
            "    {{#x}}\n"
            "    ^\n");
}

TEST(SettingsTemplate, AFailedRenderingNamesTheMember) {
  EXPECT_EQ(run(R"({"body":{"a":[1,{"b/c":"x {{ nane }}"}]}})").rendered,
            "OB008 1:3 /body/a/1/b~1c: the event has no \"nane\", did you mean \"name\"?");
  EXPECT_EQ(run(R"({"body":{"a":"{{ gone }}","b":"-{{ gone }}"}})", Missing::Empty).rendered,
            R"({"body":{"a":null,"b":"-"}})");
}

TEST(SettingsTemplate, WhatAReferenceBroughtIsNoTemplate) {
  const Outcome outcome = run(
      R"({"headers":{"A":"{{ tenant }}","B":"pass{{word","C":"new {{ id }}"},"url":"https://h/{{x"})",
      Missing::Error,
      R"({"headers":{"A":"{{ tenant }}","B":{"credential":"b"},"C":{"env":"C"}},"url_env":"U"})");
  EXPECT_EQ(outcome.rendered,
            R"({"headers":{"A":"t1","B":"pass{{word","C":"new {{ id }}"},"url":"https://h/{{x"})");
  EXPECT_EQ(
      run(R"({"headers":{"A":"x\r\nB: y"}})", Missing::Error, R"({"headers":{"A":{"env":"A"}}})")
          .rendered,
      "OB008 /headers/A: a header cannot hold a line break\n");
}

TEST(SettingsTemplate, AnUnknownTemplateKindOfASchemaIsReported) {
  Diagnostics diagnostics;
  SettingsTemplate::compile(read(R"({"a":"x"})"),
                            read(R"({"properties":{"a":{"x-template":"xml"}}})"), diagnostics);
  EXPECT_EQ(problems(diagnostics),
            "OB008 /a: the schema asks for the unknown template kind \"xml\"\n");
}

TEST(SettingsTemplate, ReadsOfEachMemberAreListed) {
  Diagnostics diagnostics;
  const SettingsTemplate compiled = SettingsTemplate::compile(
      read(R"({"url":"{{a}}{{old.b}}","headers":{"A":"{{a}}"},"body":{"x":["{{c.d[0]}}"]}})"),
      read(kSchema), diagnostics);
  std::string reads;
  for (const SettingRead& one : compiled.reads()) {
    reads += one.pointer + ' ' + one.read.path.to_string() + "; ";
  }
  EXPECT_EQ(reads, "/url a; /url old.b; /headers/A a; /body/x/0 c.d[0]; ");
}

}  // namespace
}  // namespace observerd::templates
