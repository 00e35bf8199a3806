#include "app/test_send.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

namespace observerd::app {
namespace {

/// What a plugin gets to notice that its time is over.
constexpr Milliseconds kGrace{2000};

/// Outlives the call: a plugin that was given up may still report.
struct Mailbox {
  std::mutex mutex;
  std::condition_variable arrived;
  std::optional<plugin::ItemResult> result;
};

}  // namespace

Sent send_once(plugin::Module& module, plugin::Item item, Milliseconds timeout) {
  const auto mailbox = std::make_shared<Mailbox>();
  const SteadyTime start = std::chrono::steady_clock::now();
  std::vector<plugin::Item> items;
  items.push_back(std::move(item));
  const std::shared_ptr<plugin::Call> call =
      module.deliver(std::move(items), start + timeout,
                     [mailbox](std::uint32_t, plugin::ItemResult result) {
                       const std::lock_guard lock(mailbox->mutex);
                       mailbox->result = std::move(result);
                       mailbox->arrived.notify_all();
                     },
                     {});
  std::unique_lock lock(mailbox->mutex);
  const auto has_arrived = [&] { return mailbox->result.has_value(); };
  if (!mailbox->arrived.wait_until(lock, start + timeout, has_arrived)) {
    lock.unlock();
    call->cancel();
    lock.lock();
    if (!mailbox->arrived.wait_until(lock, start + timeout + kGrace, has_arrived)) {
      lock.unlock();
      call->give_up("it did not report in time");
      lock.lock();
    }
  }
  Sent sent;
  if (mailbox->result) sent.result = *mailbox->result;
  sent.took = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - start);
  return sent;
}

std::string marked_as_test(const std::string& event_json) {
  return "{\"test\":true," + event_json.substr(event_json.find('{') + 1);
}

}  // namespace observerd::app
