#include <algorithm>

#include "check/session.hpp"
#include "check/test_functions.hpp"

namespace observerd::check {
namespace {

/// The whole life of each type in memory of that shape. What is wrong with it crashes, or shows in
/// the reports.
void live_in(Trial& trial, Shape shape) {
  for (const plugin::ActionType& type : trial.types()) {
    const auto session = Session::started(trial, type, shape);
    if (session == nullptr) continue;
    const auto most = static_cast<std::uint32_t>(type.max_batch);
    for (const std::uint32_t size : {1U, std::min(most, 3U)}) {
      BatchDouble& batch = session->batch(size);
      session->deliver_here(batch);
      for (std::uint32_t i = 0; i < size; ++i) {
        if (batch.reports(i) == 1) continue;
        trial.finding.fail(session->prefix() + "an item was reported " +
                           std::to_string(batch.reports(i)) + " times");
      }
    }
    if (type.table->preview != nullptr) {
      PreviewDouble preview(session->memory());
      const observerd_item* item = session->batch(1).raw()->items[0];
      call(trial, type, "preview",
           [&] { type.table->preview(session->module(), item, preview.raw()); });
    }
    if (type.table->probe != nullptr) {
      ErrorsDouble errors(session->memory());
      call(trial, type, "probe",
           [&] { type.table->probe(session->module(), session->action(), errors.raw()); });
    }
  }
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
