#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "plugin/host_table.hpp"
#include "plugin/module.hpp"

namespace observerd::plugin {

/// What the host is told of the items of a batch: exactly one result for each index, whoever comes
/// first. Thread-safe.
class Reports {
 public:
  /// `report` is let go of after the last result.
  Reports(std::size_t count, ReportFn report, HostTable& host)
      : report_(std::move(report)), host_(host), settled_(count), open_(count) {}

  std::uint32_t size() const { return static_cast<std::uint32_t>(settled_.size()); }
  bool settled(std::uint32_t index) const { return settled_[index]; }
  /// Every index has its result, and the report of each has returned.
  bool complete() const { return open_ == 0; }
  /// False when it was settled before.
  bool settle(std::uint32_t index, ItemResult result);
  /// Settles the rest as Unknown and returns how many that were.
  std::size_t settle_rest(const std::string& why);

 private:
  ReportFn report_;
  HostTable& host_;
  std::vector<std::atomic<bool>> settled_;
  std::atomic<std::size_t> open_;
};

}  // namespace observerd::plugin
