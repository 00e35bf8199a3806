#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>

#include "base/json.hpp"

namespace observerd::bench {

/// One way to do something and what it showed.
struct Shown {
  std::string name;
  double value = 0;
};

enum class Better : unsigned char { Lower, Higher };

/// Whether a ratio is part of what must not fall, or only of interest.
enum class Keep : unsigned char { Recorded, Shown };

/// Prints results, one JSON object a line, and compares ratios with a file of recorded ones. A
/// ratio says how many times better ours is than the other way. Not thread-safe.
class Report {
 public:
  /// The file need not exist yet.
  explicit Report(std::filesystem::path recorded_file);

  /// False when the ratio is recorded and more than a third below what is recorded.
  bool compare(const std::string& name, const std::string& unit, double ours, const Shown& other,
               Better better, Keep keep = Keep::Recorded);
  void figure(const std::string& name, const std::string& unit, double value);

  /// With `record`, writes the ratios of this run over the recorded ones of the same names. The
  /// exit code: 1 when `check` is asked for and the last word on a recorded ratio was not good (a
  /// name that is compared again counts anew).
  int conclude(bool check, bool record) const;

 private:
  const std::filesystem::path file_;
  json::Value recorded_ = json::Value::object();
  json::Value measured_ = json::Value::object();
  std::set<std::string> bad_;
};

/// What a benchmark is asked to do.
struct Run {
  std::size_t count;  ///< of whatever it does many times
  bool check = false;
  bool record = false;
};
/// Reads [--check] [--record] [--WHAT N]; says how it is used, and ends the program with 2, for
/// anything else.
Run run_of(int argc, char** argv, const std::string& what, std::size_t count);

/// Says why on stderr and ends the program with 2: nothing was measured.
[[noreturn]] void give_up(const std::string& why);

}  // namespace observerd::bench
