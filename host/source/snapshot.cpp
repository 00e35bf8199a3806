#include "source/snapshot.hpp"

#include <algorithm>

#include "source/numbers.hpp"

namespace observerd::source {

bool Snapshot::sees(std::uint64_t xid) const {
  return xid < xmax && (xid < xmin || !std::binary_search(xip.begin(), xip.end(), xid));
}

std::string Snapshot::to_string() const {
  std::string text = std::to_string(xmin) + ':' + std::to_string(xmax) + ':';
  for (std::size_t i = 0; i < xip.size(); ++i) {
    if (i > 0) text += ',';
    text += std::to_string(xip[i]);
  }
  return text;
}

Result<Snapshot> parse_snapshot(std::string_view text) {
  const auto damaged = [text] {
    return Status::error(Code::Storage, "\"" + std::string(text) + "\" is not a pg_snapshot");
  };
  std::string_view rest = text;
  Snapshot snapshot;
  if (!take_number(rest, snapshot.xmin) || !take(rest, ':') || !take_number(rest, snapshot.xmax) ||
      !take(rest, ':')) {
    return damaged();
  }
  while (!rest.empty()) {
    std::uint64_t xid = 0;
    if ((!snapshot.xip.empty() && !take(rest, ',')) || !take_number(rest, xid)) return damaged();
    if (xid < snapshot.xmin || xid >= snapshot.xmax ||
        (!snapshot.xip.empty() && xid <= snapshot.xip.back())) {
      return damaged();
    }
    snapshot.xip.push_back(xid);
  }
  if (snapshot.xmin == 0 || snapshot.xmax < snapshot.xmin) return damaged();
  return snapshot;
}

}  // namespace observerd::source
