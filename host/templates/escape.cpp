#include "templates/escape.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.hpp"
#include "templates/url.hpp"

namespace observerd::templates {
namespace {

struct Name {
  std::string_view name;
  Escape escape;
};
constexpr std::array kNames{Name{"text", Escape::Text},     Name{"json", Escape::Json},
                            Name{"url", Escape::Url},       Name{"html", Escape::Html},
                            Name{"header", Escape::Header}, Name{"glob", Escape::Glob},
                            Name{"slack", Escape::Slack}};

std::string_view html_entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

void escape_entities(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    const std::string_view entity = html_entity(c);
    if (entity.empty() || (!quotes && (c == '"' || c == '\''))) {
      out += c;
    } else {
      out += entity;
    }
  }
}

void escape_glob(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (std::string_view("*?[]\\").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
}

}  // namespace

bool parse_escape(std::string_view name, Escape& out) {
  const auto found = std::find_if(kNames.begin(), kNames.end(),
                                  [&](const Name& entry) { return entry.name == name; });
  if (found == kNames.end()) return false;
  out = found->escape;
  return true;
}

Status escape_to(std::string& out, std::string_view text, Escape escape) {
  switch (escape) {
    case Escape::Text:
      out += text;
      break;
    case Escape::Json: {
      const std::string quoted = json::quote(text);
      out.append(quoted, 1, quoted.size() - 2);
      break;
    }
    case Escape::Url:
      percent_encode(out, text);
      break;
    case Escape::Html:
      escape_entities(out, text, true);
      break;
    case Escape::Header:
      if (Status status = check_plain(text, escape); !status.ok()) return status;
      out += text;
      break;
    case Escape::Glob:
      escape_glob(out, text);
      break;
    case Escape::Slack:
      escape_entities(out, text, false);
      break;
  }
  return {};
}

std::size_t find_forbidden(std::string_view text, Escape escape) {
  if (escape != Escape::Header && escape != Escape::Url) return std::string_view::npos;
  // RFC 9110 section 5.5: CR, LF and NUL are dangerous, the others invalid. A tab would be allowed
  // there; it is refused because the same rule serves mail headers and URLs.
  const auto* bad = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
  return bad == text.end() ? std::string_view::npos : static_cast<std::size_t>(bad - text.begin());
}

Status check_plain(std::string_view text, Escape escape) {
  const std::size_t at = find_forbidden(text, escape);
  if (at == std::string_view::npos) return {};
  const auto byte = static_cast<unsigned char>(text[at]);
  const bool line_break = byte == '\r' || byte == '\n';
  return Status::error(
      Code::Template,
      std::string(escape == Escape::Url ? "a URL" : "a header") + " cannot hold " +
          (line_break ? "a line break" : "the control character " + std::to_string(byte)));
}

}  // namespace observerd::templates
