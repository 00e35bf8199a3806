#include "delivery/holds.hpp"

namespace observerd::delivery {

using store::HoldCause;

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

bool Holds::add_gone(const std::string& observer, const std::string& action,
                     const std::string& reason) {
  const std::lock_guard lock(mutex_);
  const bool is_new = gone_.try_emplace({observer, action}, Gone{reason, false}).second;
  note_any();
  return is_new;
}

bool Holds::add_misconfigured(const std::string& observer, const std::string& action,
                              const std::string& reason, SteadyTime until) {
  const std::lock_guard lock(mutex_);
  const bool is_new =
      misconfigured_.insert_or_assign({observer, action}, Misconfigured{reason, until}).second;
  note_any();
  return is_new;
}

void Holds::end_misconfigured(const std::string& observer, const std::string& action) {
  if (!any_) return;
  const std::lock_guard lock(mutex_);
  misconfigured_.erase({observer, action});
  note_any();
}

void Holds::forget_reports() {
  const std::lock_guard lock(mutex_);
  misconfigured_.clear();
  std::erase_if(gone_, [](const auto& entry) { return !entry.second.paused; });
  note_any();
}

std::optional<Hold> Holds::check(const std::string& observer, const std::string& action,
                                 SteadyTime now, Milliseconds probe_time) {
  if (!any_) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const Name name{observer, action};
  // Told first: it is what has to be repaired, and the pause often comes of it.
  if (const auto found = gone_.find(name); found != gone_.end()) {
    return Hold{HoldCause::Gone, found->second.reason};
  }
  if (const std::string* reason = pause(name)) return Hold{HoldCause::Paused, *reason};
  const auto found = misconfigured_.find(name);
  if (found == misconfigured_.end()) return std::nullopt;
  if (found->second.until > now) return Hold{HoldCause::Misconfigured, found->second.reason};
  found->second.until = now + probe_time;
  return std::nullopt;
}

Holds::Gate Holds::look(const std::string& observer, const std::string& action,
                        SteadyTime now) const {
  if (!any_) return Gate::Open;
  const std::lock_guard lock(mutex_);
  const Name name{observer, action};
  if (gone_.count(name) > 0 || pause(name) != nullptr) return Gate::Closed;
  const auto found = misconfigured_.find(name);
  if (found == misconfigured_.end()) return Gate::Open;
  return found->second.until > now ? Gate::Closed : Gate::Probe;
}

const std::string* Holds::pause(const Name& name) const {
  auto found = pauses_.find(name);
  if (found == pauses_.end()) found = pauses_.find({name.first, ""});
  return found == pauses_.end() ? nullptr : &found->second;
}

void Holds::note_any() {
  any_ = !pauses_.empty() || !gone_.empty() || !misconfigured_.empty();
}

}  // namespace observerd::delivery
