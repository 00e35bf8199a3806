#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "check/faults.hpp"
#include "check/finding.hpp"
#include "check/loader.hpp"
#include "check/stage.hpp"
#include "check/trial_settings.hpp"

namespace observerd::check {

/// The times that a test is measured by, all made from its limit.
struct TrialTimes {
  explicit TrialTimes(std::chrono::milliseconds limit);
  std::chrono::milliseconds deliver;  ///< from a deliver to its deadline
  std::chrono::milliseconds grace;    ///< what a plugin may take longer than it is told
  std::chrono::milliseconds loop;     ///< for what is done again and again
};

/// What a test has to work with. Used by one thread; `exceptions` takes from several.
struct Trial {
  Loader& loader;
  const plugin::Candidate& file;
  const GivenSettings& given;
  const TrialTimes times;
  Stage& stage;
  bool own_process = true;
  Finding finding{};
  Faults exceptions{};         ///< which functions let one through
  bool leave_by_exit = false;  ///< set by a test that wants exit handlers to run
  bool stuck = false;          ///< a thread is in the plugin and does not come out

  /// The types, or a failure of the test and none.
  std::vector<plugin::ActionType> types();
};

/// Calls the plugin: says so in the stage, and lets no exception through. False when there was one;
/// that it came is for one test only to judge.
template <typename Body>
bool call(Trial& trial, const plugin::ActionType& type, std::string_view what, const Body& body) {
  trial.stage.set(std::string(what) + " of type \"" + type.type + "\"");
  try {
    body();
    return true;
  } catch (...) {
    trial.exceptions.add(std::string(what) + " of type \"" + type.type + "\" let an exception out");
    return false;
  }
}

}  // namespace observerd::check
