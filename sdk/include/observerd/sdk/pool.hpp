#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

/// A bounded pool of things that are dear to make: connections, sessions. Part of plugin.hpp.
namespace observerd::sdk {

/// Lends out at most `limit` objects at a time and keeps those that come back. Thread-safe. Leases
/// must be gone before the pool is.
template <typename T>
class Pool {
 public:
  /// What deadlines are of.
  using Clock = std::chrono::steady_clock;
  /// Makes a new object, outside the pool's lock. nullptr or an exception: there is none to be had.
  using Make = std::function<std::unique_ptr<T>()>;

  /// One borrowed object; goes back to the pool when the lease ends, unless it was discarded.
  class Lease {
   public:
    Lease() = default;  ///< empty
    /// The object goes over to the new lease.
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), object_(std::move(other.object_)) {}
    /// What was held before goes back.
    Lease& operator=(Lease&& other) noexcept {
      if (this == &other) return *this;
      give_back();
      pool_ = std::exchange(other.pool_, nullptr);
      object_ = std::move(other.object_);
      return *this;
    }
    ~Lease() { give_back(); }

    /// Whether there is an object.
    explicit operator bool() const { return object_ != nullptr; }
    /// The object. Only of a lease that is not empty.
    T& operator*() const { return *object_; }
    /// The object. Only of a lease that is not empty.
    T* operator->() const { return object_.get(); }
    /// For an object that is broken: destroys it, and its place is free for a new one.
    void discard() {
      object_.reset();
      give_back();
    }

   private:
    friend class Pool;
    Lease(Pool* pool, std::unique_ptr<T> object) : pool_(pool), object_(std::move(object)) {}
    void give_back() noexcept {
      if (Pool* pool = std::exchange(pool_, nullptr)) pool->take_back(std::move(object_));
    }
    Pool* pool_ = nullptr;
    std::unique_ptr<T> object_;
  };

  /// `limit` is at least 1.
  Pool(std::size_t limit, Make make) : limit_(limit), make_(std::move(make)) {
    idle_.reserve(limit);  // giving back must not fail
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// The object that came back last, or a new one; waits for one until `deadline` when all are lent
  /// out. Empty when none was to be had in time, or the pool is closed. What `make` throws gets
  /// through to the caller.
  Lease borrow(Clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    const bool in_time =
        changed_.wait_until(lock, deadline, [this] { return closed_ || lent_ < limit_; });
    if (!in_time || closed_) return {};
    ++lent_;
    Lease lease(this, nullptr);  // from here on the place is given back whatever happens
    if (!idle_.empty()) {
      lease.object_ = std::move(idle_.back());
      idle_.pop_back();
      return lease;
    }
    lock.unlock();
    lease.object_ = make_();
    if (lease.object_ == nullptr) return {};
    return lease;
  }

  /// Destroys what is idle and refuses from now on; those who wait get nothing. What is lent out
  /// is destroyed when it comes back. For Module::stop.
  void close() {
    std::vector<std::unique_ptr<T>> idle;
    const std::lock_guard lock(mutex_);
    closed_ = true;
    idle.swap(idle_);
    changed_.notify_all();
  }
  /// Lends out again after close. For Module::start.
  void reopen() {
    const std::lock_guard lock(mutex_);
    idle_.reserve(limit_);
    closed_ = false;
  }

 private:
  void take_back(std::unique_ptr<T> object) noexcept {
    const std::lock_guard lock(mutex_);
    --lent_;
    if (object != nullptr && !closed_) idle_.push_back(std::move(object));
    changed_.notify_one();
  }

  const std::size_t limit_;
  const Make make_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<T>> idle_;
  std::size_t lent_ = 0;
  bool closed_ = false;
};

}  // namespace observerd::sdk
