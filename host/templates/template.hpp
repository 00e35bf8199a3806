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

/// How values are escaped, given by the place (`x-template` of the schema).
enum class Escape : unsigned char { Text, Json, Url, Html, Header, Glob, Slack };
/// "text", "json", … ; false when the name is unknown.
bool parse_escape(std::string_view name, Escape& out);

/// What a missing path is.
enum class Missing : unsigned char { Error, Empty };

/// What a template can read besides the event.
struct Context {
  const Event& event;
  std::string_view observer;     ///< observer.name
  std::string_view delivery_id;  ///< delivery.id
  int attempt = 1;               ///< attempt
};

struct Node;  // see tree.hpp

/// A parsed text template. Immutable, cheap to copy, safe to render from many threads.
class Template {
 public:
  /// Errors are OB008 with line, column and a caret.
  static Result<Template> parse(std::string_view text, Escape escape);

  /// OB008 when a path is missing (and has no default) under Missing::Error, when a filter gets a
  /// value it cannot take, or when a header would get a line break.
  Result<std::string> render(const Context& context, Missing missing) const;
  /// For a template that is exactly one `{{ path }}`: the value itself, with its type; any other
  /// gives a string.
  Result<json::Value> render_value(const Context& context, Missing missing) const;

  /// True when there is no tag at all: rendering always gives the same text.
  bool is_constant() const;
  /// Every path of the event that is read, each once.
  std::vector<FieldPath> paths() const;

 private:
  std::shared_ptr<const Node> root_;
  Escape escape_ = Escape::Text;
};

}  // namespace observerd::templates
