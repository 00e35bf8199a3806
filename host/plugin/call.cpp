#include "plugin/call.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "plugin/negotiation.hpp"
#include "plugin/result.hpp"
#include "plugin/text.hpp"

namespace observerd::plugin {
namespace {

constexpr std::string_view empty_object = "{}";

std::int64_t to_ns(SteadyTime time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

observerd_str json_text(const std::shared_ptr<const std::string>& text) {
  return to_str(text == nullptr ? empty_object : std::string_view(*text));
}

/// nullopt for a number that this host has no name for.
std::optional<Outcome> known_outcome(std::int32_t number) {
  switch (number) {
    case OBSERVERD_DELIVERED:
      return Outcome::Delivered;
    case OBSERVERD_RETRY:
      return Outcome::Retry;
    case OBSERVERD_THROTTLED:
      return Outcome::Throttled;
    case OBSERVERD_REJECTED:
      return Outcome::Rejected;
    case OBSERVERD_UNAVAILABLE:
      return Outcome::Unavailable;
    case OBSERVERD_MISCONFIGURED:
      return Outcome::Misconfigured;
    case OBSERVERD_CANCELLED:
      return Outcome::Cancelled;
    case OBSERVERD_GONE:
      return Outcome::Gone;
    default:
      return std::nullopt;
  }
}

}  // namespace

observerd_item to_item(const Item& item, observerd_action* action) {
  observerd_item raw{};
  raw.struct_size = sizeof raw;
  raw.attempt = static_cast<std::uint32_t>(std::max(item.attempt, 1));
  raw.action = action;
  raw.delivery_id = to_str(item.delivery_id);
  raw.order = item.order;
  raw.event_json = json_text(item.event_json);
  raw.settings_json = json_text(item.settings_json);
  raw.trace_parent = to_str(item.trace_parent);
  raw.created_ns = item.created_ns;
  return raw;
}

PluginCall::PluginCall(std::vector<Item> items, std::vector<ActionHandle> actions,
                       SteadyTime deadline, ReportFn report, HostTable& host,
                       std::function<void(PluginCall&)> plugin_done)
    : items_(std::move(items)),
      actions_(std::move(actions)),
      reports_(items_.size(), std::move(report), host),
      host_(host),
      plugin_done_(std::move(plugin_done)),
      reported_(items_.size()),
      unreported_(items_.size()) {
  raw_items_.reserve(items_.size());
  raw_pointers_.reserve(items_.size());
  for (std::size_t i = 0; i < items_.size(); ++i) {
    raw_pointers_.push_back(&raw_items_.emplace_back(to_item(items_[i], actions_[i].get())));
  }
  // Out of descriptors: the plugin still has cancelled(), and poll passes over -1.
  event_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  raw_.struct_size = sizeof raw_;
  raw_.count = static_cast<std::uint32_t>(items_.size());
  raw_.context = this;
  raw_.items = raw_pointers_.data();
  raw_.deadline_ns = to_ns(deadline);
  raw_.cancel_fd = event_fd_;
  raw_.cancelled = &PluginCall::is_cancelled;
  raw_.report = &PluginCall::report;
}

PluginCall::~PluginCall() {
  release_items();
}

void PluginCall::release_items() {
  {
    const std::lock_guard lock(event_mutex_);
    if (event_fd_ >= 0) ::close(std::exchange(event_fd_, -1));
  }
  items_.clear();
  actions_.clear();
}

void PluginCall::cancel() {
  cancelled_ = true;
  const std::lock_guard lock(event_mutex_);
  if (event_fd_ < 0) return;
  const std::uint64_t one = 1;
  // EAGAIN (the counter is full) means that it is readable already.
  [[maybe_unused]] const ssize_t written = ::write(event_fd_, &one, sizeof one);
}

void PluginCall::give_up(const std::string& why) {
  if (finished()) return;
  given_up_ = true;
  // First: a report that the cancellation brings about comes too late.
  settle_rest(why);
  cancel();
}

ItemResult PluginCall::to_result(const observerd_result* theirs) {
  // Without the size the outcome would read as 0, and 0 is DELIVERED.
  if (theirs == nullptr || theirs->struct_size < offsetof(observerd_result, retry_after_ms)) {
    host_.misbehaved(Misbehaviour::MalformedResult);
    ItemResult malformed;
    malformed.outcome = Outcome::Retry;
    malformed.code = "malformed_result";
    malformed.message = "the plugin reported a result without struct_size";
    return malformed;
  }
  const observerd_result ours = copy_struct(theirs);
  const std::optional<Outcome> outcome = known_outcome(ours.outcome);
  if (!outcome) host_.misbehaved(Misbehaviour::UnknownOutcome);
  return clean_result(outcome.value_or(Outcome::Retry), ours.retry_after_ms, ours.code,
                      ours.message, ours.remote_id);
}

void PluginCall::take_report(std::uint32_t index, const observerd_result* theirs) {
  if (index >= reported_.size()) {
    host_.misbehaved(Misbehaviour::IndexOutOfRange);
    return;
  }
  if (reported_[index].exchange(true)) {
    host_.misbehaved(Misbehaviour::ReportedTwice);
    return;
  }
  if (!reports_.settled(index)) reports_.settle(index, to_result(theirs));
  if (--unreported_ == 0) plugin_done_(*this);
}

std::int32_t PluginCall::is_cancelled(const observerd_batch* self) {
  return static_cast<const PluginCall*>(self->context)->cancelled_ ? 1 : 0;
}

void PluginCall::report(const observerd_batch* self, std::uint32_t index,
                        const observerd_result* result) {
  auto* call = static_cast<PluginCall*>(self->context);
  const std::shared_ptr<PluginCall> keep = call->shared_from_this();
  try {
    call->take_report(index, result);
  } catch (...) {  // out of memory: the item stays unreported and is retried
  }
}

}  // namespace observerd::plugin
