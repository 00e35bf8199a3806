#pragma once

#include <string>
#include <vector>

namespace observerd::capture {

/// An upper bound of a truth: SQL that is true at least whenever the truth holds, and never NULL.
/// A plain value.
class Bound {
 public:
  static Bound never() { return Bound(Kind::Never, "false"); }
  static Bound always() { return Bound(Kind::Always, "true"); }
  /// `sql` must not be able to be NULL, nor to raise an error, whatever the row holds.
  static Bound when(std::string sql) { return Bound(Kind::Sometimes, std::move(sql)); }

  bool is_never() const { return kind_ == Kind::Never; }
  bool is_always() const { return kind_ == Kind::Always; }
  /// Fit to stand beside AND and OR.
  const std::string& sql() const { return sql_; }

 private:
  enum class Kind : unsigned char { Never, Sometimes, Always };
  Bound(Kind kind, std::string sql) : kind_(kind), sql_(std::move(sql)) {}

  Kind kind_;
  std::string sql_;
};

Bound all_of(const std::vector<Bound>& bounds);
Bound any_of(const std::vector<Bound>& bounds);

}  // namespace observerd::capture
