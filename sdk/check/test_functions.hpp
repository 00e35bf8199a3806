#pragma once

#include "check/trial.hpp"

/// The code of the tests that tests.cpp lists; their names say which is which.
namespace observerd::check {

// tests_file.cpp: the file, its table, its schemas
void test_note_fits(Trial& trial);
void test_exports(Trial& trial);
void test_stack(Trial& trial);
void test_loads(Trial& trial);
void test_text_relocations(Trial& trial);
void test_entry(Trial& trial);
void test_scan_time(Trial& trial);
void test_table_matches_note(Trial& trial);
void test_table_complete(Trial& trial);
void test_schemas(Trial& trial);
void test_descriptions(Trial& trial);

// tests_settings.cpp: open and bind
void test_opens_and_binds(Trial& trial);
void test_bad_settings(Trial& trial);
void test_random_settings(Trial& trial);
void test_huge_settings(Trial& trial);

// tests_delivery.cpp: deliver
void test_returns(Trial& trial);
void test_every_item(Trial& trial);
void test_no_item_twice(Trial& trial);
void test_only_its_items(Trial& trial);
void test_not_late(Trial& trial);
void test_results(Trial& trial);
void test_full_batches(Trial& trial);
void test_deadline(Trial& trial);
void test_cancel(Trial& trial);
void test_logs(Trial& trial);

// tests_lifecycle.cpp: more than one module, start again, parallel, probe and preview
void test_exceptions(Trial& trial);
void test_restart(Trial& trial);
void test_two_modules(Trial& trial);
void test_parallel(Trial& trial);
void test_probe(Trial& trial);
void test_preview(Trial& trial);

// tests_stop.cpp
void test_stop_while_delivering(Trial& trial);

// tests_host.cpp: hosts of other minors, memory that ends where it says
void test_newer_host(Trial& trial);
void test_struct_sizes(Trial& trial);
void test_text_lengths(Trial& trial);

// tests_process.cpp: what a plugin leaves as it found it
void test_stdout(Trial& trial);
void test_stderr(Trial& trial);
void test_handlers(Trial& trial);
void test_mask(Trial& trial);
void test_locale(Trial& trial);
void test_umask(Trial& trial);
void test_directory(Trial& trial);
void test_environment(Trial& trial);
void test_foreign_descriptors(Trial& trial);
void test_processes(Trial& trial);
void test_exit(Trial& trial);

// tests_leaks.cpp: what comes back after close
void test_threads(Trial& trial);
void test_descriptors(Trial& trial);
void test_memory(Trial& trial);
void test_delivery_memory(Trial& trial);

}  // namespace observerd::check
