#include "plugin/runner/remote_call.hpp"

#include <utility>

namespace observerd::plugin {

RemoteCall::RemoteCall(std::vector<Item> items, ReportFn report, HostTable& host, Hooks hooks)
    : items_(std::move(items)),
      reports_(items_.size(), std::move(report), host),
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
  reports_.settle_rest(why);
  // Last: a report that the cancellation brings about comes too late.
  if (!cancelled_.exchange(true)) hooks_.cancel(*this);
}

}  // namespace observerd::plugin
