#include "plugin/reports.hpp"

#include <exception>
#include <utility>

#include "observerd/plugin.h"

namespace observerd::plugin {

bool Reports::settle(std::uint32_t index, ItemResult result) {
  if (settled_[index].exchange(true)) return false;
  try {
    report_(index, std::move(result));
  } catch (const std::exception& e) {
    host_.say(OBSERVERD_LOG_ERROR, "the result of a delivery was lost", {{"reason", e.what()}});
  }
  // Whoever settles the last one is alone with report_: the others are through with it.
  if (--open_ == 0) report_ = nullptr;
  return true;
}

std::size_t Reports::settle_rest(const std::string& why) {
  std::size_t settled = 0;
  for (std::uint32_t i = 0; i < size(); ++i) {
    ItemResult unknown;
    unknown.message = why;
    if (settle(i, std::move(unknown))) ++settled;
  }
  return settled;
}

}  // namespace observerd::plugin
