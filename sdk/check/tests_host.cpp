#include "check/life.hpp"
#include "check/test_functions.hpp"

namespace observerd::check {
namespace {

/// What is wrong with memory of that shape crashes, or shows in the reports.
void live_in(Trial& trial, Shape shape) {
  live(trial, shape, [](Session& session, BatchDouble& batch) {
    for (std::uint32_t i = 0; i < batch.count(); ++i) {
      if (batch.reports(i) > 0) continue;
      session.trial().finding.fail(session.prefix() + "an item was not reported");
      return;
    }
  });
}

}  // namespace

void test_newer_host(Trial& trial) {
  live_in(trial, {.newer = true});
}

void test_struct_sizes(Trial& trial) {
  live_in(trial, {.guarded_structs = true});
}

void test_text_lengths(Trial& trial) {
  live_in(trial, {.guarded_texts = true});
}

}  // namespace observerd::check
