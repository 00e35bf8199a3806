#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "event/event.hpp"
#include "matcher/matcher.hpp"

namespace observerd::bench {

/// An event as the outbox has it.
struct RawEvent {
  EventKind kind = EventKind::Insert;
  std::string entity;
  std::string new_text;  ///< "" when absent
  std::string old_text;
};

struct Workload {
  std::string name;
  std::vector<RawEvent> events;
  std::vector<matcher::Rule> rules;
  std::size_t matches = 0;  ///< over all events, when known
};

/// Orders of 50 entities, about 0.8 KB an event, and observers of six kinds: a status that changed
/// (with or without a region), a rare total, one customer, either of two things but not a third, a
/// narrow range with a field that is mostly missing, and a rare total of any entity. The same for
/// the same arguments.
Workload make_workload(std::size_t events, std::size_t observers);

/// The workload SET of N observers of a directory that workload.py wrote (events.jsonl,
/// observers_SET_N.json). Exits with a message when a file is not what it should be.
Workload load_workload(const std::filesystem::path& directory, const std::string& set,
                       std::size_t observers);

}  // namespace observerd::bench
