#include <exception>
#include <string_view>

#include "check/test.hpp"
#include "check/test_functions.hpp"

namespace observerd::check {
namespace {

const std::vector<Test> tests = {
    // The file.
    {"note-fits-host", nullptr, "The ELF note names an ABI version that this host speaks.",
     "Build against the SDK of this major; min_host_minor must not exceed the host's minor.",
     test_note_fits},
    {"exports-one-symbol", "note-fits-host",
     "The library shows observerd_plugin_entry_v1 and no other symbol.",
     "Build with observerd_add_plugin, or link with the SDK's plugin.map.", test_exports},
    {"no-executable-stack", "note-fits-host", "The library asks for no executable stack.",
     "Give assembler sources a .note.GNU-stack section; link with -Wl,-z,noexecstack.", test_stack},
    {"loads-alone", "note-fits-host",
     "The library loads with every symbol resolved, in a process that has nothing loaded for it.",
     "Link every library it needs (-Wl,-z,defs finds out at build time); do nothing in "
     "constructors.",
     test_loads},
    {"no-text-relocations", "loads-alone", "Loading does not write to the library's code.",
     "Compile everything that goes into the library with -fPIC.", test_text_relocations},
    {"entry-is-pure", "loads-alone",
     "The entry function returns the same static table each time and throws nothing.",
     "Return the address of a static table; OBSERVERD_PLUGIN and OBSERVERD_SDK_PLUGIN do.",
     test_entry},
    {"scan-is-quick", "entry-is-pure", "Loading and asking for the table take less than 100 ms.",
     "Move work from constructors and the entry to open or start.", test_scan_time},
    {"table-matches-note", "entry-is-pure", "Table and note name the same versions.",
     "Give OBSERVERD_PLUGIN the min_host_minor that the table has, and the table "
     "OBSERVERD_ABI_MINOR.",
     test_table_matches_note},
    {"table-is-complete", "table-matches-note",
     "Names, versions, action types and required functions are all there.",
     "Fill in what is missing; plugin.h says what each member is.", test_table_complete},
    {"schemas-are-valid", "table-is-complete",
     "Both schemas of each type are JSON objects that use keywords the host honours.",
     "Keep to JSON Schema draft 4 as ABI.md, \"Settings\", has it.", test_schemas},
    {"settings-are-described", "schemas-are-valid",
     "Each setting has a description, and unknown settings are refused.",
     "Add \"description\" to each property and \"additionalProperties\": false to the schema.",
     test_descriptions},

    // Settings.
    {"opens-and-binds", "schemas-are-valid",
     "open and bind accept settings that fit the schemas, or those given with --config.",
     "Refuse nothing that the schema allows, or pass working settings with --config.",
     test_opens_and_binds},
    {"refuses-by-name", "opens-and-binds",
     "Whoever refuses settings says why: a JSON pointer and a message for each problem.",
     "Call errors->add before returning NULL; pointers start with / and texts are UTF-8.",
     test_bad_settings},
    {"survives-random-settings", "opens-and-binds",
     "open and bind survive settings that are damaged or no JSON at all.",
     "Parse with a reader that reports errors, and look at what it reports.", test_random_settings},
    {"survives-huge-settings", "opens-and-binds", "open and bind survive settings of a mebibyte.",
     "Copy no settings into fixed buffers; do not recurse once per element.", test_huge_settings},

    // Deliveries.
    {"deliver-returns", "opens-and-binds",
     "A module starts, and deliver of one item returns by the deadline without being cancelled.",
     "Give every wait a timeout that ends at deadline_ns; never wait for cancel_fd alone.",
     test_returns},
    {"reports-every-item", "deliver-returns", "Every item of a batch is reported.",
     "Call report for each index below count, whatever happened to the others.", test_every_item},
    {"reports-no-item-twice", "deliver-returns", "No item is reported more than once.",
     "Return or continue after each report.", test_no_item_twice},
    {"reports-only-its-items", "deliver-returns",
     "No report names an index that the batch has not.", "Indexes run from 0 to count - 1.",
     test_only_its_items},
    {"reports-in-time", "deliver-returns",
     "Nothing is reported after deliver has returned, unless the type is ASYNC.",
     "Wait for your own threads before returning, or set OBSERVERD_ASYNC.", test_not_late},
    {"results-are-sound", "deliver-returns",
     "Results have a size, a known outcome, and texts that are UTF-8 and of sensible length.",
     "Zero the result, set struct_size, and cut texts at the lengths in ABI.md.", test_results},
    {"takes-full-batches", "deliver-returns",
     "Batches of every size up to max_batch are delivered, also when actions are mixed in them.",
     "Look at each item's own action; lower max_batch when a full one is too much.",
     test_full_batches},
    {"keeps-the-deadline", "deliver-returns",
     "deliver returns in time when next to nothing, or nothing at all, is left until the deadline.",
     "Compute what is left as a signed number; do not begin what cannot end in time.",
     test_deadline},
    {"obeys-cancel", "deliver-returns", "deliver returns soon after its batch was cancelled.",
     "Poll cancel_fd along with your own descriptors, or ask cancelled() in every loop.",
     test_cancel},
    {"logs-are-sound", "deliver-returns",
     "Log messages, metrics and keys that the plugin gives to the host are well-formed.",
     "Texts are UTF-8; metric names are [a-z][a-z0-9_]*; counters only go up.", test_logs},

    // Lifecycle.
    {"lets-no-exception-out", "deliver-returns", "No exception leaves a function of the plugin.",
     "Catch everything at the C boundary; the classes of plugin.hpp do.", test_exceptions},
    {"restarts-after-stop", "deliver-returns", "A module that was stopped can be started again.",
     "Let stop undo what start did, and nothing that open did.", test_restart},
    {"two-modules-side-by-side", "deliver-returns",
     "Two modules of one type work beside each other, and one goes on when the other is closed.",
     "Keep state in the module and not in globals.", test_two_modules},
    {"stops-while-delivering", "deliver-returns",
     "stop may come while deliver runs: both return, and every item is reported.",
     "Guard what stop takes down; wake up and wait for what still runs.",
     test_stop_while_delivering},
    {"delivers-in-parallel", "deliver-returns",
     "A THREAD_SAFE or ASYNC type takes many batches at a time and mixes none of them up.",
     "Guard shared state, or leave out OBSERVERD_THREAD_SAFE: the host then serialises.",
     test_parallel},
    {"probe-says-why", "deliver-returns",
     "probe returns, and says why when the destination cannot be reached.",
     "Bound probe's own timeouts, and call errors->add before returning non-zero.", test_probe},
    {"preview-is-text", "deliver-returns", "preview writes UTF-8 text, also before start.",
     "preview only formats: it needs no connection and nothing that start makes.", test_preview},

    // Hosts and memory.
    {"works-with-newer-host", "deliver-returns",
     "A host of a later minor, whose structs are longer, makes no difference.",
     "Use what is within your own struct; do not compare abi_minor or struct_size for equality.",
     test_newer_host},
    {"reads-within-structs", "deliver-returns",
     "Nothing is read beyond the struct_size of a struct or the end of an array.",
     "Copy min(struct_size, sizeof) bytes; batch->items has count entries.", test_struct_sizes},
    {"reads-within-texts", "deliver-returns",
     "Nothing is read beyond the length of a text: texts are not terminated.",
     "Use data and len; never strlen, printf(\"%s\") or atoi on a text of the host.",
     test_text_lengths},

    // The process.
    {"writes-nothing-to-stdout", "deliver-returns", "Nothing is written to standard output.",
     "Log through host->log.", test_stdout},
    {"writes-nothing-to-stderr", "deliver-returns", "Nothing is written to standard error.",
     "Log through host->log, and silence libraries that write there.", test_stderr},
    {"keeps-signal-handlers", "deliver-returns", "Signal handlers stay as they were.",
     "Install none; the host ignores SIGPIPE for you.", test_handlers},
    {"keeps-signal-mask", "deliver-returns",
     "The signal mask of the host's threads stays as it was.",
     "Block signals in threads of your own only.", test_mask},
    {"keeps-locale", "deliver-returns", "The locale stays as it was.",
     "Use newlocale and the _l functions, and no setlocale.", test_locale},
    {"keeps-umask", "deliver-returns", "The umask stays as it was.",
     "Pass the mode to open or call fchmod.", test_umask},
    {"keeps-working-directory", "deliver-returns", "The working directory stays as it was.",
     "Use absolute paths, or openat.", test_directory},
    {"keeps-environment", "deliver-returns", "The environment stays as it was.",
     "Take settings from the configuration; setenv races with every getenv of the process.",
     test_environment},
    {"keeps-foreign-descriptors", "deliver-returns",
     "Descriptors that are not the plugin's own stay open and as they were.",
     "Close each descriptor once; a second close hits whoever has the number now.",
     test_foreign_descriptors},
    {"starts-no-process", "deliver-returns", "No process is started, and none is left behind.",
     "Use a library or a thread; plugins do not fork.", test_processes},
    {"exits-cleanly", "deliver-returns",
     "After close, the process can end with exit: no exit handler crashes or hangs.",
     "Let static destructors depend on nothing; join threads in stop.", test_exit},

    // What is left.
    {"joins-its-threads", "deliver-returns", "After close there are no threads left.",
     "Join in stop what start or deliver began.", test_threads},
    {"closes-its-descriptors", "deliver-returns",
     "Opening and closing a module again and again leaves no descriptors open.",
     "Close in close or stop what open, start or deliver opened.", test_descriptors},
    {"frees-its-memory", "deliver-returns",
     "Opening and closing a module again and again does not take more and more memory.",
     "Free in close and unbind what open and bind allocated.", test_memory},
    {"delivers-without-leaking", "deliver-returns",
     "Delivery after delivery does not take more and more memory.",
     "Free per item what is allocated per item; bound every cache.", test_delivery_memory},
};

}  // namespace

const std::vector<Test>& all_tests() {
  return tests;
}

const Test* find_test(std::string_view name) {
  for (const Test& test : tests) {
    if (test.name == name) return &test;
  }
  return nullptr;
}

void run_test(const Test& test, Trial& trial) {
  try {
    test.run(trial);
  } catch (const std::exception& problem) {
    trial.finding.fail(std::string("the test could not be carried out: ") + problem.what());
  }
}

}  // namespace observerd::check
