#include "delivery/holds.hpp"

#include <algorithm>

#include "delivery/plan.hpp"
#include "store/waiting.hpp"

namespace observerd::delivery {
namespace {

using store::HoldCause;

constexpr std::size_t kMostReports = 10'000;

/// Of actions there are as many as are configured.
template <typename Reports>
bool has_room(const Reports& reports, const HoldScope& scope) {
  return scope.lane.empty() || reports.size() < kMostReports;
}

HoldScope action_of(const HoldScope& scope) {
  return {scope.observer, scope.action, ""};
}

}  // namespace

void Holds::set_pauses(std::vector<Pause> pauses) {
  const std::lock_guard lock(mutex_);
  pauses_.clear();
  for (Pause& pause : pauses) {
    pauses_.insert_or_assign({std::move(pause.observer), std::move(pause.action)},
                             std::move(pause.reason));
  }
  for (auto it = gone_.begin(); it != gone_.end();) {
    const bool paused = pause(it->first) != nullptr;
    const bool resumed = it->second.paused && !paused;
    it->second.paused = it->second.paused || paused;
    it = resumed ? gone_.erase(it) : std::next(it);
  }
  note_any();
}

Holds::Added Holds::add_gone(const HoldScope& scope, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (gone_.count(scope) > 0) return Added::Known;
  if (!has_room(gone_, scope)) return Added::NoRoom;
  gone_.emplace(scope, Gone{reason, false});
  note_any();
  return Added::News;
}

Holds::Added Holds::add_misconfigured(const HoldScope& scope, const std::string& reason,
                                      SteadyTime until) {
  const std::lock_guard lock(mutex_);
  const bool is_new = misconfigured_.count(scope) == 0;
  if (is_new && !has_room(misconfigured_, scope)) return Added::NoRoom;
  misconfigured_.insert_or_assign(scope, Misconfigured{reason, until});
  note_any();
  return is_new ? Added::News : Added::Known;
}

void Holds::end_misconfigured(const HoldScope& scope) {
  const std::lock_guard lock(mutex_);
  misconfigured_.erase(scope);
  misconfigured_.erase(action_of(scope));
  note_any();
}

void Holds::forget_reports() {
  const std::lock_guard lock(mutex_);
  misconfigured_.clear();
  std::erase_if(gone_, [](const auto& entry) { return !entry.second.paused; });
  note_any();
}

bool Holds::forget_lane(const std::string& lane) {
  const std::string wanted = store::cut_lane(lane);
  const auto is_it = [&](const auto& entry) {
    return !entry.first.lane.empty() && is_called(entry.first.lane, wanted);
  };
  const std::lock_guard lock(mutex_);
  const std::size_t forgotten = std::erase_if(misconfigured_, is_it) + std::erase_if(gone_, is_it);
  note_any();
  return forgotten > 0;
}

std::optional<Hold> Holds::check(const HoldScope& scope, SteadyTime now, Milliseconds probe_time) {
  const std::lock_guard lock(mutex_);
  // Told first: it is what has to be repaired, and the pause often comes of it.
  if (const auto found = gone_.find(scope); found != gone_.end()) {
    return Hold{HoldCause::Gone, found->second.reason};
  }
  if (scope.lane.empty()) {
    if (const std::string* reason = pause(scope)) return Hold{HoldCause::Paused, *reason};
  }
  const auto found = misconfigured_.find(scope);
  if (found == misconfigured_.end()) return std::nullopt;
  if (found->second.until > now) return Hold{HoldCause::Misconfigured, found->second.reason};
  found->second.until = now + probe_time;
  return std::nullopt;
}

Holds::Gate Holds::look(const HoldScope& scope, SteadyTime now) const {
  if (!any_) return Gate::Open;
  const std::lock_guard lock(mutex_);
  const HoldScope action = action_of(scope);
  if (gone_.count(action) > 0 || gone_.count(scope) > 0 || pause(scope) != nullptr) {
    return Gate::Closed;
  }
  Gate gate = Gate::Open;
  for (const HoldScope* one : {&action, &scope}) {
    const auto found = misconfigured_.find(*one);
    if (found == misconfigured_.end()) continue;
    if (found->second.until > now) return Gate::Closed;
    gate = Gate::Probe;
  }
  return gate;
}

const std::string* Holds::pause(const HoldScope& scope) const {
  auto found = pauses_.find({scope.observer, scope.action});
  if (found == pauses_.end()) found = pauses_.find({scope.observer, ""});
  return found == pauses_.end() ? nullptr : &found->second;
}

void Holds::note_any() {
  any_ = !pauses_.empty() || !gone_.empty() || !misconfigured_.empty();
}

}  // namespace observerd::delivery
