#include "source/lease_reader.hpp"

#include <algorithm>
#include <limits>

#include "source/locks.hpp"

namespace observerd::source {
namespace {

constexpr const char* kQueryCanceled = "57014";
constexpr std::int64_t kSweepEvery = 256;  // generations
constexpr Milliseconds kShortestPause{1};
constexpr Milliseconds kLongestPause{10};
/// Between two bursts it is cheaper for everybody to look again than to fall asleep: a writer that
/// meets a sleeper, even one that is just waking up, has to notify.
constexpr int kLooksBeforeSleep = 5;

}  // namespace

LeaseReader::LeaseReader(const ReaderParts& parts, postgres::Connection& connection,
                         Interrupt& interrupt, const LedgerRow& taken,
                         std::function<void(Reading)> tell)
    : parts_(parts),
      connection_(connection),
      interrupt_(interrupt),
      shard_(taken.shard),
      lease_(taken.epoch),
      first_generation_(taken.generation),
      left_(taken.pending),
      progress_(taken.progress),
      sizer_(parts.options.page_rows, parts.options.page_bytes),
      tell_(std::move(tell)) {}

bool LeaseReader::reading() const {
  return !refused_ && !interrupt_.stopping() && !interrupt_.leaving() &&
         parts_.ledgers.holds(shard_, lease_);
}

Status LeaseReader::run() {
  Status status = read_left();
  if (status.ok()) status = read_windows();
  // A statement that was cancelled because reading is to stop is no failure of the connection.
  if (interrupt_.stopping() && postgres::sqlstate(status) == kQueryCanceled) return Status();
  return status;
}

Status LeaseReader::read_left() {
  std::int64_t after = 0;
  while (!left_.empty() && reading()) {
    Result<Page> page = fetch([&] {
      return read_page_again(connection_, shard_, progress_, left_, after, sizer_.limit());
    });
    if (!page.ok()) return page.status();
    after = page->through;
    if (!parts_.ledgers.read_again(shard_, lease_, page->ids(), after)) return Status();
    std::erase_if(left_, [after](const IdRange& range) { return range.last <= after; });
    deliver(*std::move(page));
  }
  return Status();
}

Status LeaseReader::read_windows() {
  while (reading()) {
    Status status;
    if (progress_.target.has_value()) {
      status = read_window_page();
    } else {
      Result<std::optional<Look>> news = wait_for_news();
      if (!news.ok() || !news->has_value()) return news.status();
      status = open_window(**news);
    }
    if (status.ok() && reading()) status = sweep();
    if (!status.ok()) return status;
  }
  return Status();
}

Status LeaseReader::open_window(const Look& look) {
  std::optional<std::int64_t> toast_bytes;
  Result<Position> target = parts_.positions.next(connection_, progress_.base, look, &toast_bytes);
  if (!target.ok()) return target.status();
  sizer_.toast(toast_bytes.value_or(std::numeric_limits<std::int64_t>::max()));
  progress_.cursor = window_start(progress_.base, *target);
  progress_.target = *std::move(target);
  return Status();
}

Status LeaseReader::read_window_page() {
  Result<Page> page =
      fetch([&] { return read_page(connection_, shard_, progress_, sizer_.limit()); });
  if (!page.ok()) return page.status();
  progress_.cursor = page->through;
  if (page->last) {
    progress_.base = *std::move(progress_.target);
    progress_.target.reset();
    progress_.cursor = 0;
  }
  // Before the rows are handed on: they may be settled before deliver() returns.
  if (!parts_.ledgers.read(shard_, lease_, progress_, page->ids())) return Status();
  deliver(*std::move(page));
  return Status();
}

Result<Page> LeaseReader::fetch(const std::function<Result<Page>()>& read) {
  const Interrupt::Cancellable cancellable(interrupt_, connection_);
  Result<Page> page = read();
  if (page.ok()) {
    sizer_.read(*page);
    tell_(Reading::Busy);
  }
  return page;
}

void LeaseReader::deliver(Page page) {
  if (page.rows.empty()) return;
  tell_(Reading::HandingOn);
  if (!parts_.sink.on_rows(shard_, lease_, std::move(page.rows))) refused_ = true;
  tell_(Reading::Busy);
}

Result<std::optional<Look>> LeaseReader::wait_for_news() {
  Milliseconds pause = kShortestPause;
  for (int looks = 1; reading(); ++looks) {
    Result<Look> look = parts_.positions.look(connection_);
    if (!look.ok()) return look.status();
    if (has_news(progress_.base, *look)) {
      tell_(Reading::Busy);
      return std::optional(*std::move(look));
    }
    tell_(Reading::Idle);
    if (looks >= kLooksBeforeSleep) {
      Result<bool> asleep = try_lock(connection_, wake_key(shard_));
      if (!asleep.ok()) return asleep.status();
      if (*asleep) return sleep_and_unlock();
      // A transaction that wrote to this shard is under way, and it will not notify.
      pause = std::min(2 * pause, kLongestPause);
    }
    interrupt_.wait(connection_.raw().sock(), pause);
    Result<bool> notified = connection_.wait_for_notification(Milliseconds(0));
    if (!notified.ok()) return notified.status();
  }
  return std::optional<Look>();
}

Result<std::optional<Look>> LeaseReader::sleep_and_unlock() {
  Result<std::optional<Look>> news = sleep();
  // When stopping, no statement may run any more; the lock goes with the connection.
  if (!news.ok() || interrupt_.stopping()) return news;
  Status status = unlock(connection_, wake_key(shard_));
  if (!status.ok()) return status;
  if (news->has_value()) tell_(Reading::Busy);
  return news;
}

/// With the wake-up lock held: whoever writes now finds it taken and notifies; whoever wrote while
/// it was free has ended, or the lock would not have been granted, so the first look sees it.
Result<std::optional<Look>> LeaseReader::sleep() {
  while (reading()) {
    Result<Look> look = parts_.positions.look(connection_);
    if (!look.ok()) return look.status();
    if (has_news(progress_.base, *look)) return std::optional(*std::move(look));
    tell_(Reading::Idle);
    Result<bool> notified = connection_.wait_for_notification(Milliseconds(0));
    if (!notified.ok()) return notified.status();
    if (!*notified) interrupt_.wait(connection_.raw().sock(), parts_.options.poll_interval);
    notified = connection_.wait_for_notification(Milliseconds(0));
    if (!notified.ok()) return notified.status();
  }
  return std::optional<Look>();
}

Status LeaseReader::sweep() {
  const std::optional<ShardLedgers::View> view = parts_.ledgers.view(shard_);
  if (!view || view->lease != lease_) return Status();
  if (swept_at_ && view->flushes < *swept_at_ + kSweepEvery) return Status();
  swept_at_ = view->flushes;
  return sweeper_.sweep(connection_, shard_, first_generation_ + view->flushes);
}

}  // namespace observerd::source
