#include "check/batch_double.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/uuid.hpp"

namespace observerd::check {
namespace {

// What the host keeps of a result (ABI.md, "Reporting").
constexpr std::uint64_t kept_code_bytes = 64;
constexpr std::uint64_t kept_message_bytes = 1024;
constexpr std::uint64_t kept_remote_id_bytes = 256;
constexpr std::int64_t created_ns = 1'767'225'600'000'000'000;  // 2026-01-01

std::int64_t to_ns(std::chrono::steady_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

}  // namespace

std::string sample_event_json(std::uint64_t number) {
  const std::string id = std::to_string(number);
  return R"({"event_id":"7d6f1bd4-33c1-5f2e-9c57-0c2b8f1e6a10","kind":"update","entity":"Order",)"
         R"("id":")" +
         id +
         R"(","type":"Order.update","time":"2026-01-01T00:00:00.000000Z","user":null,)"
         R"("new":{"id":)" +
         id + R"(,"status":"shipped","note":"Grüße – “ok”"},"old":{"id":)" + id +
         R"(,"status":"open","note":null}})";
}

BatchDouble::BatchDouble(std::shared_ptr<GuardedMemory> memory, const std::vector<ItemText>& items)
    : memory_(std::move(memory)), counts_(new std::atomic<std::uint32_t>[items.size()]) {
  std::vector<const observerd_item*> pointers;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto& item = memory_->make<observerd_item>();
    item.attempt = 1;
    item.action = items[i].action;
    item.delivery_id = memory_->text(Uuid::random().to_string());
    item.order = i + 1;
    item.event_json = memory_->text(sample_event_json(i + 1));
    item.settings_json = memory_->text(items[i].settings);
    // Every second one has none.
    item.trace_parent =
        memory_->text(i % 2 == 0 ? "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" : "");
    item.created_ns = created_ns;
    pointers.push_back(&item);
  }
  raw_ = &memory_->make<observerd_batch>();
  raw_->count = static_cast<std::uint32_t>(items.size());
  raw_->context = this;
  raw_->items = memory_->pointers(pointers);
  raw_->cancelled = [](const observerd_batch* self) -> std::int32_t {
    return static_cast<BatchDouble*>(self->context)->cancelled_ ? 1 : 0;
  };
  raw_->report = [](const observerd_batch* self, std::uint32_t index,
                    const observerd_result* result) {
    static_cast<BatchDouble*>(self->context)->take(index, result);
  };
  event_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  raw_->cancel_fd = event_fd_;
  renew();
}

BatchDouble::~BatchDouble() {
  if (event_fd_ >= 0) ::close(event_fd_);
}

void BatchDouble::set_deadline(std::chrono::steady_clock::time_point deadline) {
  raw_->deadline_ns = to_ns(deadline);
}

void BatchDouble::renew() {
  for (std::uint32_t i = 0; i < raw_->count; ++i) counts_[i] = 0;
  late_ = 0;
  returned_ = false;
  if (cancelled_.exchange(false)) {
    std::uint64_t value = 0;
    [[maybe_unused]] const ssize_t got = ::read(event_fd_, &value, sizeof value);
  }
  const std::lock_guard lock(mutex_);
  open_ = raw_->count;
}

void BatchDouble::cancel() {
  if (cancelled_.exchange(true)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event_fd_, &one, sizeof one);
}

bool BatchDouble::wait_reported(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  return reported_.wait_until(lock, until, [this] { return open_ == 0; });
}

void BatchDouble::take(std::uint32_t index, const observerd_result* result) {
  if (hook_ && !hooked_.exchange(true)) hook_();
  if (returned_) ++late_;
  if (index >= raw_->count) {
    out_of_range_.add("item " + std::to_string(index) + " was reported in a batch of " +
                      std::to_string(raw_->count));
    return;
  }
  if (result == nullptr) {
    malformed_.add("a result is NULL");
  } else {
    judge(*result);
  }
  if (counts_[index]++ != 0) return;
  const std::lock_guard lock(mutex_);
  if (--open_ == 0) reported_.notify_all();
}

void BatchDouble::judge(const observerd_result& result) {
  if (result.struct_size < offsetof(observerd_result, retry_after_ms)) {
    malformed_.add("a result's struct_size is " + std::to_string(result.struct_size));
    return;
  }
  if (result.outcome < OBSERVERD_DELIVERED || result.outcome > OBSERVERD_GONE) {
    malformed_.add("a result's outcome is " + std::to_string(result.outcome) +
                   ", which ABI 1.0 does not have");
  }
  if (result.struct_size < sizeof result) return;  // an older minor: none of the texts
  if (result.retry_after_ms < 0) malformed_.add("a result's retry_after_ms is negative");
  const struct {
    const char* name;
    observerd_str text;
    std::uint64_t kept;
  } texts[] = {{"a result's code", result.code, kept_code_bytes},
               {"a result's message", result.message, kept_message_bytes},
               {"a result's remote_id", result.remote_id, kept_remote_id_bytes}};
  for (const auto& text : texts) {
    if (check_text(text.name, text.text, malformed_) && text.text.len > text.kept) {
      too_long_.add(std::string(text.name) + " has " + std::to_string(text.text.len) +
                    " bytes, of which the host keeps " + std::to_string(text.kept));
    }
  }
}

}  // namespace observerd::check
