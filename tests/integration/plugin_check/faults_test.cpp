#include <gtest/gtest.h>

#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "checker.hpp"
#include "support/sanitizer.hpp"

namespace observerd::testing {
namespace {

/// A fixture with a planted fault, and all tests that fail for it. What depends on one of these is
/// skipped; everything else passes.
struct Fault {
  const char* plugin;
  std::set<std::string> failed;
  std::set<std::string> warned;
  std::set<std::string> perhaps = {};  ///< fail or pass
};

void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.plugin;
}

using observerd::testing::is_sanitized;

/// What can be found under a sanitizer too. Its malloc does not count, and it ends the process at
/// each read beyond a struct, in whichever test that is.
std::set<std::string> found_here(std::set<std::string> tests) {
  if (!is_sanitized) return tests;
  for (const char* name :
       {"frees-its-memory", "delivers-without-leaking", "reads-within-structs"}) {
    tests.erase(name);
  }
  return tests;
}

class PluginCheckFault : public ::testing::TestWithParam<Fault> {};

TEST_P(PluginCheckFault, IsNamedByItsTestsAndNoOthers) {
  const Fault& fault = GetParam();
  const std::set<std::string> failed = found_here(fault.failed);
  if (failed.empty() && !fault.failed.empty()) GTEST_SKIP() << "a sanitizer hides it";
  const CheckedJson checked = check_json({fixture(fault.plugin)});
  std::set<std::string> found = checked.tests("failed");
  for (const std::string& test : fault.perhaps) found.erase(test);
  EXPECT_EQ(found, failed) << checked.out;
  EXPECT_EQ(checked.tests("warning"), fault.warned) << checked.out;
  EXPECT_EQ(checked.exit_code, failed.empty() ? 0 : 1);
}

const std::vector<Fault> faults = {
    // The file and its table.
    {"wrong_major", {"note-fits-host"}, {}},
    {"too_new", {"note-fits-host"}, {}},
    {"exports_too_much", {"exports-one-symbol"}, {}},
    {"executable_stack", {"no-executable-stack"}, {}},
    {"undefined_symbol", {"loads-alone"}, {}},
    {"missing_dependency", {"loads-alone"}, {}},
    {"aborts_on_load", {"loads-alone"}, {}},
    {"text_relocations", {"no-text-relocations"}, {}},
    {"null_table", {"entry-is-pure"}, {}},
    {"other_pointer", {"entry-is-pure"}, {}},
    {"slow_entry", {}, {"scan-is-quick"}},
    {"contradicts", {"table-matches-note"}, {}},
    {"bad_type", {"table-is-complete"}, {}},
    {"null_deliver", {"table-is-complete"}, {}},
    {"bad_schema", {"schemas-are-valid"}, {}},
    {"no_schema", {"schemas-are-valid"}, {}},
    {"unknown_keyword", {"schemas-are-valid"}, {}},
    {"undescribed", {}, {"settings-are-described"}},
    // Settings.
    {"refuses_all", {"opens-and-binds"}, {}},
    {"refuses_silently", {"refuses-by-name"}, {}},
    {"trusts_settings", {"survives-random-settings"}, {}},
    {"small_buffer", {"survives-random-settings", "survives-huge-settings"}, {}},
    // Deliveries.
    {"sdk", {"deliver-returns"}, {}},  // one of its types cannot start
    {"stuck", {"deliver-returns"}, {}},
    {"hangs", {"deliver-returns"}, {}},
    {"calls_exit", {"deliver-returns"}, {}},
    {"runs_program", {"deliver-returns"}, {}},
    {"kills_parent", {"deliver-returns"}, {}},
    {"closes_everything", {"deliver-returns"}, {}},
    {"writes_everywhere", {"deliver-returns"}, {}},
    {"never_reports", {"reports-every-item"}, {}},
    {"drops_second", {"reports-every-item"}, {}},
    {"reports_again", {"reports-no-item-twice"}, {}},
    {"reports_beyond", {"reports-only-its-items"}, {}},
    {"double_reporter", {"reports-no-item-twice", "reports-only-its-items"}, {}},
    {"reports_late", {"reports-in-time"}, {}},
    {"strange_results", {"results-are-sound"}, {}},
    {"small_array", {"takes-full-batches"}, {}},
    {"ignores_deadline", {"keeps-the-deadline"}, {}},
    {"ignores_cancel", {"obeys-cancel"}, {}},
    {"talks_nonsense", {"logs-are-sound"}, {}},
    // Lifecycle and threads.
    {"throws", {"lets-no-exception-out", "reports-every-item"}, {}},
    {"starts_once", {"restarts-after-stop"}, {}},
    {"one_module", {"two-modules-side-by-side"}, {}},
    {"drops_at_stop", {"stops-while-delivering"}, {}},
    {"not_thread_safe", {"delivers-in-parallel"}, {}},
    {"probe_silent", {"probe-says-why"}, {}},
    {"preview_binary", {"preview-is-text"}, {}},
    // Hosts and memory.
    {"exact_host", {"works-with-newer-host"}, {}},
    {"reads_too_far", {"reads-within-structs"}, {}},
    {"wants_terminator", {"reads-within-texts"}, {}},
    // The process.
    {"writes_stdout", {"writes-nothing-to-stdout"}, {}},
    {"writes_stderr", {"writes-nothing-to-stderr"}, {}},
    {"sets_handler", {"keeps-signal-handlers"}, {}},
    {"blocks_signal", {"keeps-signal-mask"}, {}},
    {"sets_locale", {"keeps-locale"}, {}},
    {"sets_umask", {"keeps-umask"}, {}},
    {"changes_directory", {"keeps-working-directory"}, {}},
    {"sets_variable", {"keeps-environment"}, {}},
    {"closes_descriptor", {"keeps-foreign-descriptors"}, {}},
    {"starts_process", {"starts-no-process"}, {}},
    {"leaves_process", {"starts-no-process"}, {}},
    {"leaves_processes", {"starts-no-process"}, {}},
    {"aborts_at_exit", {"exits-cleanly"}, {}},
    // What is left.
    // What a thread costs is not always to be seen in what malloc has given out.
    {"leaks_thread", {"joins-its-threads"}, {}, {"frees-its-memory"}},
    {"leaks_descriptor", {"closes-its-descriptors"}, {}},
    {"leaks_module", {"frees-its-memory"}, {}},
    {"leaks_delivery", {"delivers-without-leaking"}, {}},
};

INSTANTIATE_TEST_SUITE_P(Fixtures, PluginCheckFault, ::testing::ValuesIn(faults),
                         [](const auto& info) { return std::string(info.param.plugin); });

}  // namespace
}  // namespace observerd::testing
