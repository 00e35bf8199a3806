#include "plugin/runner/in_flight.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace observerd::plugin {
namespace {

/// How long a batch waits for a runner that is being started again.
constexpr Milliseconds kRunnerWait{1000};
/// How long to wait for a turn before looking whether the call still wants it.
constexpr Milliseconds kLook{50};

std::int64_t to_ns(SteadyTime time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

ItemResult unknown(const std::string& why) {
  ItemResult result;
  result.message = why;
  return result;
}

ItemResult too_large() {
  ItemResult result;
  result.outcome = Outcome::Rejected;
  result.code = "item_too_large";
  result.message = "event and settings are larger than a plugin in a process of its own may get (" +
                   std::to_string(max_body_to_runner >> 20) + " MiB)";
  return result;
}

}  // namespace

void InFlight::connect(std::shared_ptr<RunnerProcess> runner) {
  const std::lock_guard lock(mutex_);
  runner_ = std::move(runner);
  progressed_ = false;
  changed_.notify_all();
}

ItemResult InFlight::blamed(const RemoteCall& call, std::uint32_t index, const std::string& why) {
  return suspects_.blame(call.items()[index].delivery_id) ? poison_result() : unknown(why);
}

void InFlight::disconnect(const std::string& why, bool blame) {
  Parts ended;
  {
    const std::lock_guard lock(mutex_);
    runner_.reset();
    ++ends_;
    last_end_ = why;
    ended.swap(parts_);
  }
  for (auto& [id, part] : ended) {
    for (const std::uint32_t index : part.indices) {
      if (part.call->settled(index)) continue;
      part.call->settle(index, blame ? blamed(*part.call, index, why) : unknown(why));
    }
  }
  // Only now: who waits for a part must find its items settled.
  const std::lock_guard lock(mutex_);
  taken_alone_ = false;
  changed_.notify_all();
}

/// What the runner gets; items that are too large are settled and left out.
std::string InFlight::encode(std::uint64_t id, Part& part, SteadyTime deadline) {
  std::string items;
  std::vector<std::uint32_t> sent;
  for (const std::uint32_t index : part.indices) {
    const Item& item = part.call->items()[index];
    const std::string body = message::DeliveryItem::encode(action_id_(*item.action), item);
    if (body.size() > max_body_to_runner) {
      part.call->settle(index, too_large());
      continue;
    }
    items += encode_frame(FrameKind::Item, id, body);
    sent.push_back(index);
  }
  part.indices = std::move(sent);
  part.reported.assign(part.indices.size(), false);
  const message::Deliver head{static_cast<std::uint32_t>(part.indices.size()), to_ns(deadline),
                              part.call->cancelled()};
  return encode_frame(FrameKind::Deliver, id, head.encode()) + items;
}

void InFlight::run(const CallPtr& call, SteadyTime deadline, bool wait) {
  bool runner_ended = false;
  for (Suspects::Part& wanted : suspects_.split(call->delivery_ids())) {
    std::uint64_t id = 0;
    std::uint64_t ends = 0;
    {
      const std::lock_guard lock(mutex_);
      id = next_id_++;
      ends = ends_;
    }
    Part part;
    part.call = call;
    part.indices = std::move(wanted.indices);
    part.alone = wanted.alone;
    std::string frames = encode(id, part, deadline);
    if (part.indices.empty()) continue;
    // Once it ended under this call, the rest waits better in the schedule: a restart takes time,
    // and the deadline is not theirs to lose.
    if (runner_ended) {
      refuse(part);
      continue;
    }
    const bool until_done = wait || part.alone;
    if (!enter(id, std::move(part), std::move(frames), deadline)) {
      runner_ended = true;
      continue;
    }
    if (!until_done) continue;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return parts_.count(id) == 0; });
    runner_ended = ends_ != ends;
  }
}

bool InFlight::may_enter(bool alone) const {
  if (runner_ == nullptr || taken_alone_) return false;
  return alone ? parts_.empty() : waiting_alone_ == 0;
}

bool InFlight::enter(std::uint64_t id, Part part, std::string frames, SteadyTime deadline) {
  std::unique_lock lock(mutex_);
  if (part.alone) ++waiting_alone_;
  const SteadyTime give_up_at = std::chrono::steady_clock::now() + kRunnerWait;
  bool entered = may_enter(part.alone);
  while (!entered) {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (part.call->finished() || now >= deadline || (runner_ == nullptr && now >= give_up_at))
      break;
    changed_.wait_for(lock, kLook);
    entered = may_enter(part.alone);
  }
  if (part.alone) --waiting_alone_;
  changed_.notify_all();
  if (!entered || part.call->finished()) {
    lock.unlock();
    refuse(part);
    return false;
  }
  taken_alone_ = part.alone;
  const CallPtr call = part.call;
  parts_.emplace(id, std::move(part));
  // Under the lock: to this runner and no later one. Sending does not block.
  runner_->channel().send_encoded(std::move(frames));
  if (call->cancelled()) runner_->channel().send(FrameKind::Cancel, id);
  return true;
}

/// As though it had not been handed out.
void InFlight::refuse(const Part& part) {
  ItemResult result;
  result.outcome = Outcome::Cancelled;
  result.code = "plugin_restarting";
  {
    const std::lock_guard lock(mutex_);
    result.message = last_end_.empty()
                         ? "the plugin's process is busy with other deliveries"
                         : "the plugin's process is being started again: " + last_end_;
  }
  for (const std::uint32_t index : part.indices) part.call->settle(index, result);
}

void InFlight::cancel(const RemoteCall& call) {
  const std::lock_guard lock(mutex_);
  if (runner_ == nullptr) return;
  for (const auto& [id, part] : parts_) {
    if (part.call.get() == &call) runner_->channel().send(FrameKind::Cancel, id);
  }
}

bool InFlight::give_up(RemoteCall& call, const std::string& why, bool synchronous) {
  std::vector<std::uint32_t> open;
  bool alone = false;
  bool connected = false;
  {
    const std::lock_guard lock(mutex_);
    connected = runner_ != nullptr;
    for (const auto& [id, part] : parts_) {
      if (part.call.get() != &call) continue;
      alone = alone || part.alone;
      std::copy_if(part.indices.begin(), part.indices.end(), std::back_inserter(open),
                   [&](std::uint32_t index) { return !call.settled(index); });
    }
    changed_.notify_all();
  }
  if (open.empty()) return false;
  // Late is not stuck: only what ends the runner is blamed.
  const bool ends_runner = connected && (synchronous || alone || abandoned() >= most_held_);
  for (const std::uint32_t index : open) {
    call.settle(index, ends_runner ? blamed(call, index, why) : unknown(why));
  }
  return ends_runner;
}

bool InFlight::take(const Frame& frame) {
  return frame.kind == FrameKind::Result ? take_result(frame) : take_done(frame.id);
}

bool InFlight::take_result(const Frame& frame) {
  auto report = message::ItemReport::decode(frame.body);
  if (!report) return false;
  CallPtr call;
  std::uint32_t index = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = parts_.find(frame.id);
    if (found == parts_.end()) return false;
    Part& part = found->second;
    if (report->index >= part.indices.size() || part.reported[report->index]) return false;
    part.reported[report->index] = true;
    index = part.indices[report->index];
    call = part.call;
  }
  suspects_.clear(call->items()[index].delivery_id);
  progressed_ = true;
  call->settle(index, std::move(report->result));
  return true;
}

bool InFlight::take_done(std::uint64_t id) {
  Part part;
  {
    const std::lock_guard lock(mutex_);
    const auto found = parts_.find(id);
    if (found == parts_.end()) return false;
    // Whoever waits for the part waits on: the items that were left out are settled first.
    part = found->second;
  }
  for (const std::uint32_t index : part.indices) {
    part.call->settle(index, unknown("the plugin returned without a result"));
  }
  const std::lock_guard lock(mutex_);
  if (part.alone) taken_alone_ = false;
  parts_.erase(id);
  changed_.notify_all();
  return true;
}

std::size_t InFlight::abandoned() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(parts_.begin(), parts_.end(), [](const auto& one) {
    const Part& part = one.second;
    return part.call->given_up() &&
           std::find(part.reported.begin(), part.reported.end(), false) != part.reported.end();
  }));
}

}  // namespace observerd::plugin
