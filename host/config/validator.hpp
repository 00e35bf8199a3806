#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace observerd::config {

/// One way in which a value does not fit, with what is needed to choose between branches.
struct SchemaFault {
  enum class Kind : unsigned char { Type, Missing, Choice, Other };

  std::string pointer;
  const json::Value* near = nullptr;
  std::string sentence;
  Kind kind = Kind::Other;
  std::vector<std::string> words;  ///< allowed types, the missing name, or the allowed values
};

/// One run of validate_schema. Not thread-safe; the value and the schema must outlive it.
class Validator {
 public:
  explicit Validator(const json::Value& root) : root_(root) {}

  using Faults = std::vector<SchemaFault>;
  void check(const json::Value& value, const json::Value& schema, const std::string& pointer,
             int hops, Faults& out);

 private:
  struct At;  // value, schema, pointer and where faults go
  void check_type(const At& at);
  void check_choices(const At& at);
  void check_number(const At& at);
  void check_string(const At& at);
  void check_array(const At& at);
  void check_object(const At& at);
  void check_required(const At& at);
  void check_member(const At& at, const json::Member& member);
  void check_dependencies(const At& at);
  void check_branches(const At& at);
  void check_one_of(const At& at, const json::Value& branches, bool only_one);
  void check_not(const At& at, const json::Value& schema);

  const json::Value& root_;
  std::size_t steps_ = 0;
};

/// The schema that "#/definitions/x" names, or nullptr.
const json::Value* find_definition(const json::Value& root, std::string_view reference);

/// Equal JSON values, and only those, give equal text.
std::string canonical_text(const json::Value& value);

/// The faults to report when no branch fits: those of the branch that was most likely meant, or one
/// sentence about all of them where that says more.
Validator::Faults best_faults(const json::Value& value, const std::string& pointer,
                              std::vector<Validator::Faults> branches);

/// "must be one of …" in the words of the choices; a near one is suggested for a string.
std::string must_be_one_of(const std::vector<std::string>& words, const json::Value& value);

}  // namespace observerd::config
