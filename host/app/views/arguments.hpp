#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"

namespace observerd::app::views {

/// What was asked for, by name: the options of a command, or the query of a URL. Values as they
/// were given.
using Arguments = std::map<std::string, std::string>;

/// Reads arguments. A value that cannot be read is told in problems(), and all are told, not the
/// first; what is returned is then of no use.
class ArgumentReader {
 public:
  /// `name_prefix` is put before a name in problems: "--" for a command line.
  ArgumentReader(const Arguments& arguments, WallTime now, std::string name_prefix = "--")
      : arguments_(arguments), now_(now), prefix_(std::move(name_prefix)) {}

  bool has(const std::string& name) const { return arguments_.count(name) > 0; }
  std::string text(const std::string& name) const;
  /// One of `allowed`, or "" when it is not given.
  std::string word(const std::string& name, const std::vector<std::string>& allowed);
  /// Several, separated by commas.
  std::vector<std::string> words(const std::string& name, const std::vector<std::string>& allowed);
  std::optional<Uuid> id(const std::string& name);
  /// "2026-01-31T12:00:00Z", or "2h": that long ago.
  std::optional<WallTime> time(const std::string& name);
  std::optional<Milliseconds> duration(const std::string& name);
  int number(const std::string& name, int fallback, int least, int most);
  /// Of words that stand on their own.
  std::vector<Uuid> ids(const std::vector<std::string>& words);

  WallTime now() const { return now_; }
  void problem(std::string sentence) { problems_.push_back(std::move(sentence)); }
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  std::string named(const std::string& name) const;

  const Arguments& arguments_;
  const WallTime now_;
  const std::string prefix_;
  std::vector<std::string> problems_;
};

}  // namespace observerd::app::views
