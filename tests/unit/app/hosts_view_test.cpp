#include "app/views/hosts_view.hpp"

#include <gtest/gtest.h>

namespace observerd::app::views {
namespace {

store::HostRow host_with(const std::string& state, bool alive = true) {
  store::HostRow host;
  host.alive = alive;
  auto parsed = json::parse(state, Code::Storage);
  if (parsed) host.report.state = std::move(*parsed);
  return host;
}

TEST(HostSums, OnlyOpenCircuitsAreOpen) {
  const HostSums sums = sum_hosts(
      {host_with(R"({"lanes": [{"breaker": "closed", "queued": 2}, {"breaker": "open"}]})"),
       host_with(R"({"lanes": [{"breaker": "half_open", "in_flight": 1}], "dropped": 3})"),
       host_with(R"({"lanes": [{"breaker": "open"}], "dropped": 9})", false)});
  EXPECT_EQ(sums.lanes, 3);
  EXPECT_EQ(sums.open, 1);
  EXPECT_EQ(sums.queued, 2);
  EXPECT_EQ(sums.in_flight, 1);
  EXPECT_EQ(sums.dropped, 3);
}

}  // namespace
}  // namespace observerd::app::views
