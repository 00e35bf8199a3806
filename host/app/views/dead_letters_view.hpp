#pragma once

#include "app/views/arguments.hpp"
#include "app/views/bulk.hpp"
#include "base/status.hpp"
#include "store/dead_letters.hpp"

/// The dead letter queue as JSON: what `observerd dlq … --json` prints and the HTTP API answers.
/// The shapes are in config/schema. One connection, so one thread at a time.
namespace observerd::app::views {

/// A list or a change by filter.
struct DeadLetterQuery {
  store::DeadLetterFilter filter;
  int limit = 100;             ///< 0: all
  std::optional<Uuid> before;  ///< of a list: goes on behind this one
};
/// status (several), observer, action, type, code, entity, id, since, until, limit, before.
DeadLetterQuery read_dead_letter_query(ArgumentReader& arguments, int default_limit);
extern const std::vector<std::string> kDeadLetterStatuses;

json::Value to_json(const store::DeadLetterRow& row);

Result<json::Value> list_dead_letters(postgres::Connection& connection,
                                      const DeadLetterQuery& query);
/// OB012 when there is none of that id.
Result<json::Value> show_dead_letter(postgres::Connection& connection, const Uuid& id);
Result<json::Value> dead_letter_stats(postgres::Connection& connection);

/// What is retryable and selected, oldest first, in bounded transactions; nothing in a dry run.
/// `query.filter.statuses` narrows to pending or retry_failed; other statuses select nothing.
Result<Bulk> retry_dead_letters(postgres::Connection& connection, const DeadLetterQuery& query,
                                bool dry_run, const Progress& progress = {});
Result<Bulk> discard_dead_letters(postgres::Connection& connection, const DeadLetterQuery& query,
                                  bool dry_run, const Progress& progress = {});

/// What a purge deletes unless it is told otherwise: what is finished.
extern const std::vector<std::string> kFinishedStatuses;
/// What it may be told to delete: all but what is being retried.
extern const std::vector<std::string> kPurgeableStatuses;
/// {"dry_run", "statuses", "older_than", "deleted"}; in a dry run `deleted` is how many it would
/// be.
Result<json::Value> purge_dead_letters(postgres::Connection& connection,
                                       const std::vector<std::string>& statuses,
                                       Milliseconds older_than, bool dry_run,
                                       const Progress& progress = {});

}  // namespace observerd::app::views
