#include <gtest/gtest.h>

#include "render_with.hpp"

namespace observerd::templates {
namespace {

TEST(TemplateEscape, EveryPlaceHasItsOwn) {
  const std::string row = R"({"v":"<b>&\"'\\*?[x] /é\n"})";
  const struct {
    Escape escape;
    const char* expected;
  } cases[] = {
      {Escape::Text, "=<b>&\"'\\*?[x] /é\n"},
      {Escape::Json, "=<b>&\\\"'\\\\*?[x] /é\\n"},
      {Escape::Url, "=%3Cb%3E%26%22%27%5C%2A%3F%5Bx%5D%20%2F%C3%A9%0A"},
      {Escape::Html, "=&lt;b&gt;&amp;&quot;&#39;\\*?[x] /é\n"},
      {Escape::Glob, "=<b>&\"'\\\\\\*\\?\\[x\\] /é\n"},
      {Escape::Slack, "=&lt;b&gt;&amp;\"'\\*?[x] /é\n"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(render_with(row, "={{ v }}", one.escape), one.expected);
  }
}

TEST(TemplateEscape, NamesOfPlacesAreThoseOfTheSchema) {
  for (const char* name : {"text", "json", "url", "html", "header", "glob", "slack"}) {
    Escape escape = Escape::Text;
    EXPECT_TRUE(parse_escape(name, escape)) << name;
  }
  Escape escape = Escape::Glob;
  EXPECT_FALSE(parse_escape("HTML", escape));
  EXPECT_FALSE(parse_escape("", escape));
  EXPECT_EQ(escape, Escape::Glob);
}

TEST(TemplateEscape, UnescapedFormsAreNotEscaped) {
  for (const char* text : {"={{{ v }}}", "={{& v }}", "={{&v}}"}) {
    EXPECT_EQ(render_with(R"({"v":"<&>"})", text, Escape::Html), "=<&>");
    EXPECT_EQ(render_with(R"({"v":"<&>"})", text, Escape::Slack), "=<&>");
    EXPECT_EQ(render_with(R"({"v":"a*"})", text, Escape::Glob), "=a*");
    EXPECT_EQ(render_with(R"({"v":"a/b"})", text, Escape::Url), "=a/b");
  }
  EXPECT_EQ(render_with(R"({"v":{"a":["\""]}})", R"({"x":{{{ v | json }}}})", Escape::Json),
            R"({"x":{"a":["\""]}})");
}

TEST(TemplateEscape, AHeaderNeverGetsAControlCharacter) {
  for (const char* text : {"{{ v }}", "{{{ v }}}", "{{& v }}", "a {{ v | trim }} b"}) {
    for (const char* value :
         {"a\\r\\nX: y", "a\\nb", "a\\rb", "a\\u0000b", "a\\u0001b", "a\\u007fb", "a\\tb"}) {
      const std::string error =
          render_with(std::string("{\"v\":\"") + value + "\"}", text, Escape::Header);
      EXPECT_EQ(error.rfind("OB008 1:", 0), 0U) << text << value << error;
      EXPECT_NE(error.find("a header cannot hold"), std::string::npos) << error;
    }
    EXPECT_EQ(render_with("{\"v\":\"Zoë; a=\\\"b\\\"\"}", text, Escape::Header).find("OB008"),
              std::string::npos);
  }
  EXPECT_EQ(render_with("{}", "{{ v | default: 'a\\nb' }}", Escape::Header),
            "OB008 1:1: v: a header cannot hold a line break");
}

TEST(TemplateEscape, AHeadersOwnTextIsCheckedWhenItIsRead) {
  EXPECT_EQ(render_with("{}", "ok {{! }}\nX: y", Escape::Header),
            "OB008 1:10: a header cannot hold a line break\n    ok {{! }}\n             ^");
  EXPECT_EQ(render_with("{}", "a\tb", Escape::Header),
            "OB008 1:2: a header cannot hold the control character 9\n    a\tb\n     ^");
}

TEST(TemplateEscape, AValueCannotLeaveItsSegmentOfAUrl) {
  const struct {
    const char* value;
    const char* text;
    const char* expected;
  } cases[] = {
      {"eu/west", "https://a.example/h/{{ v }}/x", "https://a.example/h/eu%2Fwest/x"},
      {"a?b=c#d", "https://a.example/{{ v }}", "https://a.example/a%3Fb%3Dc%23d"},
      {"a&b=c d+é", "https://a.example/?q={{ v }}", "https://a.example/?q=a%26b%3Dc%20d%2B%C3%A9"},
      {"a@evil.example", "https://{{ v }}.a.example/", "https://a%40evil.example.a.example/"},
      {"a-b._~", "https://a.example/{{ v }}", "https://a.example/a-b._~"},
      {"%2e%2e", "https://a.example/{{ v }}/x", "https://a.example/%252e%252e/x"},
      {"a b", "https://a.example/{{ v | urlencode }}", "https://a.example/a%20b"},
      {"..", "https://a.example/x?y={{ v }}", "https://a.example/x?y=.."},
      {"..", "https://a.example/a{{ v }}", "https://a.example/a.."},
      {"...", "https://a.example/{{ v }}", "https://a.example/..."},
      {"x", "https://a.example/a/../{{ v }}", "https://a.example/a/../x"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(render_with(std::string("{\"v\":\"") + one.value + "\"}", one.text, Escape::Url),
              one.expected);
  }
}

TEST(TemplateEscape, DotSegmentsOfAUrlAreRefusedBecauseNoEncodingHoldsThem) {
  const struct {
    const char* value;
    const char* text;
  } cases[] = {
      {"..", "https://a.example/h/{{ v }}/x"},
      {"..", "https://a.example/h/{{ v }}"},
      {".", "https://a.example/h/{{ v }}?q"},
      {".", "https://a.example/h/.{{ v }}/x"},
      {"", "https://a.example/h/..{{ v }}/x"},
      {".", "https://a.example/h/%2E{{ v }}/x"},
      {".", "/h/{{ v }}{{ v }}#f"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(render_with(std::string("{\"v\":\"") + one.value + "\"}", one.text, Escape::Url),
              "OB008 a value makes a segment of the URL's path \".\" or \"..\"")
        << one.text;
  }
}

TEST(TemplateEscape, AUrlThatComesFromTheDataAsAWholeStaysWhatItIs) {
  const std::string row =
      R"({"url":"HTTPS://u:p@h.example:8443/a/b?c=d&e=%20#f","base":"http://b.example","v":"x/y"})";
  EXPECT_EQ(render_with(row, "{{ url }}", Escape::Url),
            "HTTPS://u:p@h.example:8443/a/b?c=d&e=%20#f");
  EXPECT_EQ(render_with(row, "{{ base }}/o/{{ v }}", Escape::Url), "http://b.example/o/x%2Fy");
  EXPECT_EQ(render_with(row, "{{#base}}{{.}}{{/base}}/{{ v }}", Escape::Url),
            "http://b.example/x%2Fy");
  EXPECT_EQ(render_with(row, "{{ none | default: 'https://d.example' }}/{{ v }}", Escape::Url),
            "https://d.example/x%2Fy");
}

TEST(TemplateEscape, AValueThatStartsAUrlMustBeOne) {
  for (const char* bad :
       {"file:///etc/passwd", "ftp://h/", "//h/x", "/x", "h.example/x", "https://", "https:///x",
        "https://h:99999/", "https://h:x/", "javascript:alert(1)", "https://h/a b",
        "https://h\\\\@evil/", "https://h/\\r\\nX: y", "https://h/\\u0000", "https://?x", "x"}) {
    const std::string error =
        render_with(std::string("{\"url\":\"") + bad + "\"}", "{{ url }}", Escape::Url);
    EXPECT_EQ(error.rfind("OB008 1:1: url: a value that starts a URL", 0), 0U) << bad << error;
  }
}

TEST(TemplateEscape, UnescapedValuesInAUrlStillHoldNoControlCharacter) {
  EXPECT_EQ(render_with(R"({"v":"a\nb"})", "https://h/{{{ v }}}", Escape::Url),
            "OB008 1:11: v: a URL cannot hold a line break");
  EXPECT_EQ(render_with(R"({"v":"a/../b"})", "https://h/{{{ v }}}", Escape::Url),
            "https://h/a/../b");
}

}  // namespace
}  // namespace observerd::templates
