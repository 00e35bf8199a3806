#include <gtest/gtest.h>

#include "render_with.hpp"
#include "templates/tree.hpp"

namespace observerd::templates {
namespace {

TEST(TemplateRender, ReadsEveryKindOfPath) {
  const std::string row =
      R"({"id":7,"a":{"b":[{"c":"deep"}]},"odd name":"odd","old":"a column","attempt":"mine",
          "delivery":{"id":"D1"},"t":true,"n":null,"l":[1,"x"],"o":{"k":1.50}})";
  const struct {
    const char* text;
    const char* expected;
  } cases[] = {
      {"{{id}}", "7"},
      {"{{ id }}", "7"},
      {"{{\n\tid\r\n}}", "7"},
      {"{{a.b[0].c}}", "deep"},
      {"{{ [\"odd name\"] }}", "odd"},
      {"{{ ['odd name'] }}", "odd"},
      {"{{ new.id }}{{ data.id }}", "77"},
      {"{{ new.old }}{{ ['old'] }}", "a columna column"},
      {"{{ event.kind }} {{ event.entity }} {{ event.id }} {{ event.type }} {{ event.user }}",
       "update Order 42 Order.update eve"},
      {"{{ observer.name }} {{ attempt }}", "order-shipped 3"},
      {"{{ delivery.id }}", "7b0c8ec4-0000-5000-8000-000000000001"},
      {"{{ new.delivery.id }} {{ new.attempt }} {{ ['attempt'] }}", "D1 mine mine"},
      {"{{t}} {{n}}. {{l}} {{o}}", "true . [1,\"x\"] {\"k\":1.50}"},
      {"{ {id} } }} {", "{ {id} } }} {"},
      {"", ""},
  };
  for (const auto& one : cases) EXPECT_EQ(render_with(row, one.text), one.expected);
}

TEST(TemplateRender, ReadsTheOldRowAndOfADeleteTheRowThatWas) {
  Event event = event_with(R"({"s":"new"})");
  event.old_row = *json::parse(R"({"s":"old"})", Code::BadEvent);
  const Template both = *Template::parse("{{ old.s }}>{{ new.s }}={{ s }}", Escape::Text);
  EXPECT_EQ(*both.render(context_of(event), Missing::Error), "old>new=new");
  event.kind = EventKind::Delete;
  event.new_row.reset();
  EXPECT_EQ(*Template::parse("{{ s }}", Escape::Text)->render(context_of(event), Missing::Error),
            "old");
  EXPECT_EQ(both.render(context_of(event), Missing::Error).status().to_string(),
            "OB008 1:13: the event has no \"new.s\"");
}

TEST(TemplateRender, NumbersKeepTheirDigits) {
  EXPECT_EQ(render_with(R"({"a":100.00,"b":9007199254740993,"c":1E+2,"d":-0})",
                        "{{a}} {{b}} {{c}} {{d}}"),
            "100.00 9007199254740993 1E+2 -0");
}

TEST(TemplateRender, ValuesAreNeverExpandedAgain) {
  EXPECT_EQ(render_with(R"({"a":"{{b}}","b":"{{#a}}x{{/a}}"})", "{{a}}{{{b}}}"),
            "{{b}}{{#a}}x{{/a}}");
}

TEST(TemplateRender, AMissingPathIsAnErrorThatNamesIt) {
  EXPECT_EQ(render_with(R"({"status":1})", "a\nb {{ statos }}"),
            "OB008 2:3: the event has no \"statos\", did you mean \"status\"?");
  EXPECT_EQ(render_with(R"({"customer":{}})", "{{ customer.region | upper }}"),
            "OB008 1:1: the event has no \"customer.region\"");
  EXPECT_EQ(render_with(R"({"l":[1]})", "{{ l[1] }}"), "OB008 1:1: the event has no \"l[1]\"");
  EXPECT_EQ(render_with(R"({"l":[1]})", "{{ l[1] }}.", Escape::Text, Missing::Empty), ".");
  EXPECT_EQ(render_with(R"({"n":null})", "{{ n }}."), ".");
}

TEST(TemplateRender, SectionsAskWhetherAPathIsThereInBothModes) {
  for (const Missing missing : {Missing::Error, Missing::Empty}) {
    EXPECT_EQ(render_with("{}", "{{#a.b}}yes{{/a.b}}{{^a.b}}no{{/a.b}}", Escape::Text, missing),
              "no");
  }
}

TEST(TemplateRender, OnlyMissingNullFalseAndTheEmptyListAreFalse) {
  for (const char* value : {"null", "false", "[]"}) {
    EXPECT_EQ(render_with(std::string("{\"v\":") + value + "}", "{{#v}}+{{/v}}{{^v}}-{{/v}}"), "-")
        << value;
  }
  for (const char* value : {"true", "0", "\"\"", "{}", "[0]", "\"false\""}) {
    EXPECT_EQ(render_with(std::string("{\"v\":") + value + "}", "{{#v}}+{{/v}}{{^v}}-{{/v}}"), "+")
        << value;
  }
}

TEST(TemplateRender, SectionsLookOutwardsAndRootsStayRoots) {
  const std::string row = R"({"id":1,"lines":[{"id":10,"sku":"a"},{"sku":"b"}],"c":{"d":{}}})";
  EXPECT_EQ(render_with(row, "{{#lines}}{{id}}/{{new.id}}/{{sku}} {{/lines}}"), "10/1/a 1/1/b ");
  EXPECT_EQ(render_with(row, "{{#lines}}{{event.id}}{{attempt}} {{/lines}}"), "423 423 ");
  EXPECT_EQ(render_with(row, "{{#c}}{{d.x}}{{/c}}"), "OB008 1:7: the event has no \"d.x\"");
  EXPECT_EQ(render_with(row, "{{#lines}}{{#sku}}{{.}}{{/sku}}{{/lines}}"), "ab");
  EXPECT_EQ(render_with(row, "{{#event.user}}by {{.}}{{/event.user}}"), "by eve");
  EXPECT_EQ(render_with(row, "{{#lines}}{{. | json}}{{/lines}}"),
            R"({"id":10,"sku":"a"}{"sku":"b"})");
}

TEST(TemplateRender, AWholeTemplateOfOnePathTakesTheValueWithItsType) {
  const std::string row = R"({"n":100.00,"s":"a\"b","t":true,"z":null,"o":{"k":[1]}})";
  const struct {
    const char* text;
    const char* expected;
  } cases[] = {
      {"{{ n }}", "100.00"},
      {"{{s}}", R"("a\"b")"},
      {"{{ t }}", "true"},
      {"{{ z }}", "null"},
      {"{{ o }}", R"({"k":[1]})"},
      {"{{{ o }}}", R"({"k":[1]})"},
      {"{{ missing | default: 5 }}", "5"},
      {"{{ n | number: 1 }}", "100.0"},
      {"{{ o.k | length }}", "1"},
      {"{{ o | json }}", R"("{\"k\":[1]}")"},
      {"{{ attempt }}", "3"},
      {" {{ n }}", "\" 100.00\""},
      {"{{ n }}{{ t }}", "\"100.00true\""},
      {"{{#t}}{{ n }}{{/t}}", "\"100.00\""},
      {"text", "\"text\""},
  };
  for (const auto& one : cases) EXPECT_EQ(value_with(row, one.text), one.expected) << one.text;
  EXPECT_EQ(value_with(row, "{{ x }}", Escape::Text, Missing::Empty), "null");
  EXPECT_EQ(value_with(row, "{{ missing }}"), "OB008 1:1: the event has no \"missing\"");
  EXPECT_EQ(value_with(row, "{{ n }}", Escape::Html), "\"100.00\"");
}

TEST(TemplateRender, ReadsAreListedOnceAndConstantsAreKnown) {
  const Template text = *Template::parse(
      "{{ a.b }}{{#c}}{{ a.b }}{{^old.d}}{{ e | default: 1 }}{{.}}{{/old.d}}{{/c}}{{ attempt }}"
      "{{ event.user }}{{ a.b }}{{ a.b | default: 1 }}{{#f}}{{ new.g }}{{/f}}{{^f}}{{ h }}{{/f}}",
      Escape::Text);
  std::string reads;
  for (const PathRead& one : text.reads()) {
    reads += one.path.to_string() + (one.required ? "!" : "") + (one.of_event ? " " : "~ ");
  }
  EXPECT_EQ(reads, "a.b! c a.b!~ old.d e~ event.user! a.b f new.g! h! ");
  EXPECT_FALSE(text.is_constant());
  EXPECT_TRUE(Template::parse("a {{! nothing }} b", Escape::Text)->is_constant());
  EXPECT_TRUE(Template::parse("", Escape::Text)->is_constant());
  EXPECT_TRUE(Template().is_constant());
}

TEST(TemplateSyntax, ErrorsSayWhereAndWhat) {
  const struct {
    const char* text;
    const char* expected;
  } cases[] = {
      {"a\nb {{ c", "OB008 2:3: this tag is never closed, expected \"}}\"\n    b {{ c\n      ^"},
      {"{{{ c }}", "OB008 1:1: this tag is never closed, expected \"}}}\"\n    {{{ c }}\n    ^"},
      {"{{ c | join: ', }}",
       "OB008 1:14: this quote is never closed\n    {{ c | join: ', }}\n                 ^"},
      {"{{! c", "OB008 1:1: this comment is never closed, expected \"}}\"\n    {{! c\n    ^"},
      {"x {{# a }}",
       "OB008 1:3: the section \"a\" is never closed, expected {{/a}}\n    x {{# a }}\n      ^"},
      {"{{#a}}\n{{/b}}",
       "OB008 2:1: {{/b}} cannot close the section \"a\" of line 1\n    {{/b}}\n    ^"},
      {"a{{/b}}", "OB008 1:2: {{/b}} closes a section that is not open\n    a{{/b}}\n     ^"},
      {"{{#a}}{{^b}}{{/a}}{{/b}}",
       "OB008 1:13: {{/a}} cannot close the section \"b\" of line 1\n    "
       "{{#a}}{{^b}}{{/a}}{{/b}}\n                ^"},
      {"{{ }}", "OB008 1:4: expected a path, found the end of the tag\n    {{ }}\n       ^"},
      {"{{ | upper }}", "OB008 1:4: expected a path, found \"|\"\n    {{ | upper }}\n       ^"},
      {"{{ a. }}", "OB008 1:6: expected a field name after \".\"\n    {{ a. }}\n         ^"},
      {"{{ event.knd }}",
       "OB008 1:4: \"event.knd\" is not known, did you mean \"kind\"?\n    {{ event.knd }}\n       "
       "^"},
      {"{{#a | upper}}{{/a}}",
       "OB008 1:6: a section takes a path only, no filters\n    {{#a | upper}}{{/a}}\n         ^"},
  };
  for (const auto& one : cases) EXPECT_EQ(render_with("{}", one.text), one.expected);
}

TEST(TemplateSyntax, WhatMustacheHasBeyondUsIsNamed) {
  const struct {
    const char* text;
    const char* problem;
  } cases[] = {
      {"{{> head }}", "OB008 1:3: partials ({{> }}) are not supported"},
      {"{{=<% %>=}}", "OB008 1:3: changing the delimiters ({{= =}}) is not supported"},
      {"{{< parent}}{{/parent}}", "OB008 1:3: template inheritance ({{< }}) is not supported"},
      {"{{$ block}}{{/block}}", "OB008 1:3: template inheritance ({{$ }}) is not supported"},
      {"{{>*dynamic}}", "OB008 1:3: partials ({{> }}) are not supported"},
      {"{{#if a}}{{/if}}", "a section takes the path alone: {{#path}}"},
      {"{{#each a}}{{/each}}", "a section takes the path alone: {{#path}}"},
      {"{{#unless a}}{{/unless}}", "an inverted section takes the path alone: {{^path}}"},
      {"{{ upper(name) }}", "a filter stands behind the path: {{ path | upper }}"},
  };
  for (const auto& one : cases) {
    const std::string error = render_with("{}", one.text);
    EXPECT_EQ(error.rfind("OB008 1:", 0), 0U) << error;
    EXPECT_NE(error.find(one.problem), std::string::npos) << error;
  }
}

TEST(TemplateSyntax, QuotesAndCommentsMayHoldBraces) {
  EXPECT_EQ(render_with(R"({"a}}b":1})", "{{ ['a}}b'] }}"), "1");
  EXPECT_EQ(render_with("{}", "{{! it's }}x{{! \" }}"), "x");
}

TEST(TemplateLimits, SectionsAreNestedUpTo64Deep) {
  const auto nested = [](int depth) {
    std::string open;
    std::string close;
    for (int i = 0; i < depth; ++i) {
      open += "{{#a}}";
      close += "{{/a}}";
    }
    return open + "x" + close;
  };
  EXPECT_EQ(render_with(R"({"a":1})", nested(64)), "x");
  EXPECT_EQ(render_with("{}", nested(65)).rfind("OB008 1:385: sections are nested deeper", 0), 0U);
}

TEST(TemplateLimits, TemplatesAreAtMostOneMebibyte) {
  EXPECT_TRUE(Template::parse(std::string(kMaxTemplateBytes, 'x'), Escape::Text).ok());
  EXPECT_EQ(
      Template::parse(std::string(kMaxTemplateBytes + 1, 'x'), Escape::Text).status().to_string(),
      "OB008 the template is longer than 1048576 bytes");
  EXPECT_FALSE(Template::parse("\xff", Escape::Text).ok());
}

TEST(TemplateLimits, ATagTakesAtMost16Filters) {
  std::string filters;
  for (int i = 0; i < 16; ++i) filters += " | trim";
  EXPECT_EQ(render_with(R"({"v":"x"})", "{{ v" + filters + " }}"), "x");
  EXPECT_NE(render_with("{}", "{{ v | trim" + filters + " }}").find("at most 16 filters"),
            std::string::npos);
}

TEST(TemplateLimits, ReadingManyTagsIsLinear) {
  std::string text;
  while (text.size() < kMaxTemplateBytes / 4) text += "{{a}}\n";
  EXPECT_EQ(render_with(R"({"a":""})", text).size(), text.size() / 6);
}

/// `count` times 1 as a JSON array.
std::string list_of(int count) {
  std::string list = "[1";
  for (int i = 1; i < count; ++i) list += ",1";
  return list + "]";
}

TEST(TemplateLimits, TheOutputIsAtMost16Mebibytes) {
  const std::string row = "{\"l\":" + list_of(20000) + ",\"s\":\"" + std::string(2000, 'y') + "\"}";
  const std::string error = "OB008 1:7: the rendered text is larger than 16777216 bytes";
  EXPECT_EQ(render_with(row, "{{#l}}{{s}}{{/l}}"), error);
  EXPECT_EQ(render_with(row, "{{#l}}" + std::string(2000, 'z') + "{{/l}}"), error);
  EXPECT_EQ(render_with(row, "{{ l | join: '" + std::string(2000, 'z') + "' }}"),
            "OB008 1:1: l: the result of a filter is larger than 16777216 bytes");
}

TEST(TemplateLimits, ChainsThatGrowTheirValueEndWithAnError) {
  const std::string row = "{\"s\":\"" + std::string(1000, 'y') + "\\\"\"}";
  std::string filters;
  for (int i = 0; i < 16; ++i) filters += " | json";
  const std::string small = render_with(row, "{{ s" + filters + " }}");
  EXPECT_LT(small.size(), 1000000U);
  const std::string quotes = "{\"s\":\"" + []() {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "\\\"";
    return text;
  }() + "\"}";
  EXPECT_EQ(render_with(quotes, "{{ s" + filters + " }}"),
            "OB008 1:1: s: the result of a filter is larger than 16777216 bytes");
}

TEST(TemplateLimits, SectionsThatMultiplyWithoutAWordEndWithAnError) {
  const std::string row = "{\"l\":" + list_of(3000) + "}";
  EXPECT_EQ(render_with(row, "{{#l}}{{#l}}{{/l}}{{/l}}"),
            "OB008 1:7: rendering takes more than 4000000 steps");
}

}  // namespace
}  // namespace observerd::templates
