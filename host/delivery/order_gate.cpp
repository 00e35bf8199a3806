#include "delivery/order_gate.hpp"

#include <algorithm>
#include <functional>
#include <limits>

namespace observerd::delivery {

OrderGate::Stripe& OrderGate::stripe(const std::string& key) const {
  return stripes_[std::hash<std::string>()(key) % stripes_.size()];
}

OrderGate::Entry OrderGate::enter(DeliveryPtr& delivery) {
  Stripe& part = stripe(delivery->ordering_key);
  const std::lock_guard lock(part.mutex);
  Key& key = part.keys[delivery->ordering_key];
  key.shard = delivery->work->shard();
  if (key.parked) {
    ++key.version;
    key.unwritten.insert(delivery->work->outbox_id);
    return Entry::Behind;
  }
  if (key.in_flight) {
    key.waiting.push_back(std::move(delivery));
    return Entry::Waits;
  }
  key.in_flight = true;
  return Entry::Run;
}

DeliveryPtr OrderGate::leave(const std::string& name) {
  Stripe& part = stripe(name);
  const std::lock_guard lock(part.mutex);
  const auto found = part.keys.find(name);
  if (found == part.keys.end()) return nullptr;
  Key& key = found->second;
  if (!key.waiting.empty()) {
    DeliveryPtr next = std::move(key.waiting.front());
    key.waiting.pop_front();
    return next;
  }
  key.in_flight = false;
  if (key.unused()) part.keys.erase(found);
  return nullptr;
}

std::vector<DeliveryPtr> OrderGate::park(const std::string& name, int shard,
                                         std::int64_t outbox_id) {
  Stripe& part = stripe(name);
  const std::lock_guard lock(part.mutex);
  Key& key = part.keys[name];
  key.shard = shard;
  key.in_flight = false;
  key.parked = true;
  // The row of this delivery, and one for each that waited.
  key.version += 1 + key.waiting.size();
  key.unwritten.insert(outbox_id);
  for (const DeliveryPtr& waits : key.waiting) key.unwritten.insert(waits->work->outbox_id);
  std::vector<DeliveryPtr> waited(std::make_move_iterator(key.waiting.begin()),
                                  std::make_move_iterator(key.waiting.end()));
  key.waiting.clear();
  return waited;
}

void OrderGate::add_parked(std::string name, int shard) {
  Stripe& part = stripe(name);
  const std::lock_guard lock(part.mutex);
  Key& key = part.keys[std::move(name)];
  key.shard = shard;
  key.parked = true;
  ++key.version;
}

void OrderGate::park_written(const std::string& name, std::int64_t outbox_id) {
  Stripe& part = stripe(name);
  const std::lock_guard lock(part.mutex);
  const auto found = part.keys.find(name);
  if (found == part.keys.end()) return;
  std::multiset<std::int64_t>& unwritten = found->second.unwritten;
  const auto written = unwritten.find(outbox_id);
  if (written != unwritten.end()) unwritten.erase(written);
}

std::int64_t OrderGate::first_unwritten(const std::string& name,
                                        std::span<const std::int64_t> being_written) const {
  constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
  Stripe& part = stripe(name);
  const std::lock_guard lock(part.mutex);
  const auto found = part.keys.find(name);
  if (found == part.keys.end()) return kNone;
  for (const std::int64_t outbox_id : found->second.unwritten) {
    if (!std::binary_search(being_written.begin(), being_written.end(), outbox_id)) {
      return outbox_id;
    }
  }
  return kNone;
}

std::optional<std::uint64_t> OrderGate::settled_version(const std::string& name) const {
  Stripe& part = stripe(name);
  const std::lock_guard lock(part.mutex);
  const auto found = part.keys.find(name);
  if (found == part.keys.end()) return 0;
  if (!found->second.unwritten.empty()) return std::nullopt;
  return found->second.version;
}

void OrderGate::release(const std::string& name, std::uint64_t version) {
  Stripe& part = stripe(name);
  const std::lock_guard lock(part.mutex);
  const auto found = part.keys.find(name);
  if (found == part.keys.end() || found->second.version != version) return;
  found->second.parked = false;
  if (found->second.unused()) part.keys.erase(found);
}

std::vector<DeliveryPtr> OrderGate::drop_shard(int shard) {
  std::vector<DeliveryPtr> dropped;
  for (Stripe& part : stripes_) {
    const std::lock_guard lock(part.mutex);
    for (auto it = part.keys.begin(); it != part.keys.end();) {
      Key& key = it->second;
      if (key.shard == shard) {
        for (DeliveryPtr& delivery : key.waiting) dropped.push_back(std::move(delivery));
        key.waiting.clear();
        key.parked = false;
        key.unwritten.clear();
        ++key.version;
      }
      it = key.unused() ? part.keys.erase(it) : std::next(it);
    }
  }
  return dropped;
}

DeliveryPtr OrderGate::take_oldest() {
  Stripe* oldest_part = nullptr;
  SteadyTime oldest = SteadyTime::max();
  std::string name;
  for (Stripe& part : stripes_) {
    const std::lock_guard lock(part.mutex);
    for (const auto& [key_name, key] : part.keys) {
      if (key.waiting.empty() || key.waiting.front()->work->arrived >= oldest) continue;
      oldest = key.waiting.front()->work->arrived;
      oldest_part = &part;
      name = key_name;
    }
  }
  if (oldest_part == nullptr) return nullptr;
  // It may have gone in between: then its successor is as good.
  const std::lock_guard lock(oldest_part->mutex);
  const auto found = oldest_part->keys.find(name);
  if (found == oldest_part->keys.end() || found->second.waiting.empty()) return nullptr;
  DeliveryPtr delivery = std::move(found->second.waiting.front());
  found->second.waiting.pop_front();
  return delivery;
}

std::size_t OrderGate::waiting() const {
  std::size_t count = 0;
  for (const Stripe& part : stripes_) {
    const std::lock_guard lock(part.mutex);
    for (const auto& [name, key] : part.keys) count += key.waiting.size();
  }
  return count;
}

}  // namespace observerd::delivery
