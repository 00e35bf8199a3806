#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"

namespace observerd::check {

enum class Verdict : std::uint8_t { Ok, Warning, Failed, Skipped };
/// "ok", "warning", "failed", "skipped".
std::string_view verdict_name(Verdict verdict);

/// What one test found. The first lines of what was seen are kept, cut and made printable: they
/// hold what a plugin said, and a plugin may say anything.
class Finding {
 public:
  Verdict verdict() const { return verdict_; }
  const std::vector<std::string>& seen() const { return seen_; }

  void fail(std::string_view seen);
  /// Something that a plugin may do and had better not.
  void warn(std::string_view seen);
  /// The test says nothing about this plugin.
  void skip(std::string_view why);
  /// A Status as a failure: its sentence, then its notes.
  void fail(const Status& status, std::string_view before = {});
  void fail_unless_ok(const Status& status, std::string_view before);

  json::Value to_json() const;
  /// False when the value is no finding.
  static bool from_json(const json::Value& value, Finding& finding);

 private:
  void add(Verdict verdict, std::string_view seen);
  Verdict verdict_ = Verdict::Ok;
  std::vector<std::string> seen_;
};

/// At most `max_bytes`, valid UTF-8, and no character that a terminal would act on.
std::string printable(std::string_view text, std::size_t max_bytes);

}  // namespace observerd::check
