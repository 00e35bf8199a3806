#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "event/event.hpp"
#include "event/path.hpp"

namespace observerd::templates {

/// How values are escaped, given by the place (`x-template` of the schema). The unescaped forms
/// ({{{ }}}, {{& }}) skip all of it but the rules about control characters.
enum class Escape : unsigned char {
  Text,    ///< nothing
  Json,    ///< for the inside of a JSON string literal
  Url,     ///< percent-encoded, so that a value cannot leave its segment; see below
  Html,    ///< & < > " '
  Header,  ///< control characters (CR and LF among them) are OB008
  Glob,    ///< a backslash before * ? [ ] and backslash
  Slack,   ///< & < >
};
// A URL. A value at the very beginning is taken as it is, or `{{ callback_url }}` could never work,
// and must be an absolute http or https URL. Later values are percent-encoded but for the
// unreserved characters of RFC 3986; one that makes a segment of the path "." or ".." is OB008, for
// no encoding can hold it. A value whose last filter is `urlencode` is not encoded twice. Control
// characters are OB008.

/// "text", "json", … ; false when the name is unknown.
bool parse_escape(std::string_view name, Escape& out);

/// What a missing path is: OB008, or nothing ("" in text, null as a value). Either way a filter
/// `default` gives what is missing or null a value, and a section over a missing path is one over
/// something false, so that {{#path}} and {{^path}} can ask whether it is there.
enum class Missing : unsigned char { Error, Empty };

/// What a template can read besides the event.
struct Context {
  const Event& event;
  std::string_view observer;     ///< observer.name
  std::string_view delivery_id;  ///< delivery.id
  int attempt = 1;               ///< attempt
};

struct Node;  // see tree.hpp

/// A path of the event that a template may read.
struct PathRead {
  FieldPath path;
  /// Where it is missing, rendering fails under Missing::Error. Not so of the name of a section,
  /// nor where there is a default.
  bool required = false;
  /// It begins at the event. Not so of a bare name inside a section, whose own value may have it.
  bool of_event = true;

  bool operator==(const PathRead&) const = default;
};

/// A parsed text template. Immutable, cheap to copy, safe to render from many threads.
class Template {
 public:
  /// Errors are OB008 with line, column and a caret.
  /// Limits: 1 MiB, sections 64 deep, 16 filters a tag.
  static Result<Template> parse(std::string_view text, Escape escape);

  /// OB008 when a path is missing (and has no default) under Missing::Error, when a filter gets a
  /// value it cannot take, when a value cannot stand in its place, or beyond 16 MiB or four million
  /// steps. The place is the tag's line and column.
  Result<std::string> render(const Context& context, Missing missing) const;
  /// For a template that is exactly one `{{ path }}` (with or without filters), in a Text or Json
  /// place: the value itself with its type, unescaped, for a JSON writer to write. Any other gives
  /// render()'s text as a string.
  Result<json::Value> render_value(const Context& context, Missing missing) const;

  /// True when there is no tag but comments: rendering always gives the same text.
  bool is_constant() const;
  /// The text before the first tag.
  std::string_view leading_text() const;
  /// What may be read of the event, each once.
  std::vector<PathRead> reads() const;

 private:
  std::shared_ptr<const Node> root_;
  Escape escape_ = Escape::Text;
};

}  // namespace observerd::templates
