#pragma once

#include "condition/slots.hpp"
#include "matcher/matcher.hpp"
#include "matcher/partition.hpp"

namespace observerd::matcher {

class Matcher::Scratch {
 private:
  friend class Matcher;
  condition::SlotValues values_;
  Probes probes_;
  Hits hits_;
  std::vector<condition::SlotId> telling_;  ///< slots that kept conditions from an answer
};

}  // namespace observerd::matcher
