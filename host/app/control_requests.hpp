#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/status.hpp"
#include "store/control.hpp"

namespace observerd::app {

/// What the running hosts answered to one request.
struct Answers {
  std::vector<store::Answer> answers;
  std::vector<std::string> silent;  ///< hosts that are alive and did not answer in time
};

/// Asks every living host, and waits for their answers.
Result<Answers> ask_hosts(postgres::Connection& connection, const std::string& verb,
                          const std::string& argument, Milliseconds patience);

}  // namespace observerd::app
