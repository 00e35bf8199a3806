#include "plugin/runner/remote_call.hpp"

#include <exception>
#include <utility>

#include "observerd/plugin.h"

namespace observerd::plugin {

RemoteCall::RemoteCall(std::vector<Item> items, ReportFn report, HostTable& host, Hooks hooks)
    : items_(std::move(items)),
      report_(std::move(report)),
      host_(host),
      flags_(items_.size()),
      open_(items_.size()),
      hooks_(std::move(hooks)) {}

std::vector<std::string> RemoteCall::delivery_ids() const {
  std::vector<std::string> ids;
  ids.reserve(items_.size());
  for (const Item& item : items_) ids.push_back(item.delivery_id);
  return ids;
}

void RemoteCall::cancel() {
  if (!finished() && !cancelled_.exchange(true)) hooks_.cancel(*this);
}

void RemoteCall::give_up(const std::string& why) {
  if (finished() || given_up_.exchange(true)) return;
  hooks_.give_up(*this, why);
  for (std::uint32_t i = 0; i < flags_.size(); ++i) {
    ItemResult unknown;
    unknown.message = why;
    settle(i, std::move(unknown));
  }
  // Last: a report that the cancellation brings about comes too late.
  if (!cancelled_.exchange(true)) hooks_.cancel(*this);
}

bool RemoteCall::settle(std::uint32_t index, ItemResult result) {
  if (flags_[index].exchange(true)) return false;
  try {
    report_(index, std::move(result));
  } catch (const std::exception& e) {
    host_.say(OBSERVERD_LOG_ERROR, "the result of a delivery was lost", {{"reason", e.what()}});
  }
  // Whoever settles the last one is alone with report_: the others are through with it.
  if (--open_ == 0) report_ = nullptr;
  return true;
}

}  // namespace observerd::plugin
