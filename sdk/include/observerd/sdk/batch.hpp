#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "observerd/sdk/result.hpp"

/// The items to deliver. Part of plugin.hpp.
namespace observerd::sdk {

/// One configured action as bind made it. Derive from it to keep parsed settings.
class Action {
 public:
  virtual ~Action() = default;
};

/// One delivery. A view: valid until the item is reported.
class Item {
 public:
  /// `batch` is nullptr for a preview: never cancelled, no deadline.
  Item(const observerd_batch* batch, const observerd_item* raw)
      : batch_(batch), raw_(detail::load(raw)) {}

  /// What bind returned for this action; `T` is the author's own class.
  template <typename T = Action>
  T& action() const {
    return static_cast<T&>(*reinterpret_cast<Action*>(raw_.action));
  }
  std::uint32_t attempt() const { return raw_.attempt; }  ///< 1 for the first
  /// A UUID; the same over all attempts: the idempotency key.
  std::string_view delivery_id() const { return to_view(raw_.delivery_id); }
  /// The event's position: a later event of an entity has a larger one.
  std::uint64_t order() const { return raw_.order; }
  std::string_view event() const { return to_view(raw_.event_json); }        ///< JSON object
  std::string_view settings() const { return to_view(raw_.settings_json); }  ///< rendered members
  /// W3C traceparent, or empty.
  std::string_view trace_parent() const { return to_view(raw_.trace_parent); }
  /// When the event was written.
  std::chrono::system_clock::time_point created() const {
    return std::chrono::system_clock::time_point(
        std::chrono::duration_cast<std::chrono::system_clock::duration>(
            std::chrono::nanoseconds(raw_.created_ns)));
  }

  /// After it the host counts the outcome as unknown.
  std::chrono::steady_clock::time_point deadline() const {
    if (batch_ == nullptr) return std::chrono::steady_clock::time_point::max();
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(batch_->deadline_ns));
  }
  /// Time until the deadline, never negative.
  std::chrono::milliseconds remaining() const {
    const auto left = deadline() - std::chrono::steady_clock::now();
    return std::max(std::chrono::milliseconds(0),
                    std::chrono::duration_cast<std::chrono::milliseconds>(left));
  }
  /// Whether the host wants its batch to end. Cheap; from any thread.
  bool cancelled() const { return batch_ != nullptr && batch_->cancelled(batch_) != 0; }
  /// Readable once cancelled: for poll, never to be read from; -1 in a preview.
  int cancel_fd() const { return batch_ == nullptr ? -1 : batch_->cancel_fd; }

 private:
  const observerd_batch* batch_;
  observerd_item raw_;
};

/// The right and duty to report one item, from any thread and also after deliver_batch returned
/// (ASYNC). Dropped without a report it reports RETRY "not_reported" itself.
class Delivery {
 public:
  /// Batch::take makes them.
  Delivery(const observerd_batch* batch, std::uint32_t index) : batch_(batch), index_(index) {}
  /// The duty goes over to the new object.
  Delivery(Delivery&& other) noexcept
      : batch_(std::exchange(other.batch_, nullptr)), index_(other.index_) {}
  /// What was held before is reported as if dropped.
  Delivery& operator=(Delivery&& other) noexcept {
    if (this != &other) {
      drop();
      batch_ = std::exchange(other.batch_, nullptr);
      index_ = other.index_;
    }
    return *this;
  }
  ~Delivery() { drop(); }

  /// Not after report: the memory is the host's again.
  Item item() const { return Item(batch_, batch_->items[index_]); }
  /// Whether the host wants its batch to end; true after report.
  bool cancelled() const { return batch_ == nullptr || batch_->cancelled(batch_) != 0; }
  /// The first call counts, further ones do nothing.
  void report(const Result& result) {
    if (const observerd_batch* batch = std::exchange(batch_, nullptr)) {
      detail::report(batch, index_, result);
    }
  }

 private:
  void drop() noexcept {
    try {
      if (batch_ != nullptr) report(detail::not_reported());
    } catch (...) {  // out of memory: the host gives the item up at its deadline
    }
  }
  const observerd_batch* batch_;
  std::uint32_t index_;
};

/// The items of one deliver_batch call. Valid during the call; what is neither reported nor taken
/// by its end is reported as RETRY "not_reported". report and take are thread-safe.
class Batch {
 public:
  /// Of the batch that the host gave, which must stay unreported until here.
  explicit Batch(const observerd_batch* raw)
      : raw_(raw), size_(raw->count), settled_(new std::atomic<bool>[raw->count]) {
    for (std::uint32_t i = 0; i < size_; ++i) settled_[i] = false;
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  /// How many items there are: at least one.
  std::uint32_t size() const { return size_; }
  /// Only while that item is unreported.
  Item operator[](std::uint32_t index) const { return Item(raw_, raw_->items[index]); }
  /// These two only while some item is unreported.
  bool cancelled() const { return raw_->cancelled(raw_) != 0; }
  /// Readable once cancelled: for poll, never to be read from.
  int cancel_fd() const { return raw_->cancel_fd; }

  /// The first report of an index counts; an index that does not exist is ignored.
  void report(std::uint32_t index, const Result& result) {
    if (index < size_ && !settled_[index].exchange(true)) detail::report(raw_, index, result);
  }
  /// The same for everything that is neither reported nor taken.
  void report_rest(const Result& result) {
    for (std::uint32_t i = 0; i < size_; ++i) report(i, result);
  }
  /// Takes an unreported item out, to be reported later. Once per index.
  Delivery take(std::uint32_t index) {
    const bool free = index < size_ && !settled_[index].exchange(true);
    return Delivery(free ? raw_ : nullptr, index);
  }

 private:
  const observerd_batch* raw_;
  std::uint32_t size_;  // a copy: *raw_ may go once the last item is reported
  std::unique_ptr<std::atomic<bool>[]> settled_;
};

}  // namespace observerd::sdk
