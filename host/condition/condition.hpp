#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "event/event.hpp"
#include "event/path.hpp"

namespace observerd::condition {

struct Node;  // the typed tree, see tree.hpp

enum class Truth : unsigned char { False, True, Error };

/// What became of one evaluation. `error` is set when truth is Error (OB004, with the
/// sub-expression and the field).
struct Outcome {
  Truth truth = Truth::False;
  Status error;
  bool fires() const { return truth == Truth::True; }
};

/// One line of an explanation: a sub-expression, as printed, and what it came to
/// ("true", "false", "error: …", or the value as JSON).
struct Explained {
  int depth = 0;
  std::string expression;
  std::string value;
};

/// A parsed condition. Immutable, cheap to copy, safe to evaluate from many threads.
class Condition {
 public:
  /// The same as always().
  Condition();
  /// Reads the language of the README's "Conditions". Errors are OB003 with line, column, what was
  /// found and expected, a caret, and a near name. An empty text is an error; an observer without
  /// a condition has Condition::always().
  static Result<Condition> parse(std::string_view text);
  static Condition always();

  Outcome evaluate(const Event& event) const;
  /// true or not, without building error texts: the hot path.
  Truth test(const Event& event) const;
  std::vector<Explained> explain(const Event& event) const;

  /// Every path the condition reads, each once.
  std::vector<FieldPath> paths() const;
  /// Canonical text: parse(to_string()) gives the same condition.
  std::string to_string() const;
  const std::string& source() const { return source_; }
  const Node& root() const { return *root_; }

 private:
  Condition(std::shared_ptr<const Node> root, std::string source);

  std::shared_ptr<const Node> root_;
  std::string source_;
};

}  // namespace observerd::condition
