#include "capture/apply.hpp"

#include <algorithm>
#include <utility>

#include "base/strings.hpp"
#include "capture/installation.hpp"

namespace observerd::capture {
namespace {

using postgres::Connection;

struct Step {
  Applied applied;
  Wanted wanted;  ///< of Add and Replace
};

/// Compares what is declared with what is there. Changes nothing.
class Comparison {
 public:
  Comparison(pqxx::transaction_base& transaction, const Connection& connection,
             const ApplyOptions& options)
      : transaction_(transaction),
        connection_(connection),
        options_(options),
        installed_(read_installed(transaction, connection)) {}

  std::vector<Step> steps(const std::vector<Declared>& declared) {
    std::vector<Step> out;
    for (const Declared& one : declared) {
      Step step;
      step.applied.entity = one.entity;
      step.applied.table = one.table;
      step.applied.error = compare(one, step);
      out.push_back(std::move(step));
    }
    for (const Installed& one : installed_) {
      const auto same_entity = [&](const Declared& d) { return d.entity == one.captured.entity; };
      const auto same_table = [&](const Step& step) { return step.wanted.oid == one.oid; };
      if (std::any_of(declared.begin(), declared.end(), same_entity)) continue;
      if (std::any_of(out.begin(), out.end(), same_table)) continue;
      Step step;
      step.applied.entity = one.captured.entity;
      step.applied.table = one.captured.table;
      step.applied.action = options_.prune ? Action::Drop : Action::Beyond;
      step.applied.reason =
          one.exists ? "the configuration does not declare it" : "its table is gone";
      out.push_back(std::move(step));
    }
    return out;
  }

 private:
  Status compare(const Declared& declared, Step& step) {
    if (declared.entity.empty() || declared.entity == "*" || !is_valid_utf8(declared.entity)) {
      return Status::error(Code::Database,
                           "\"" + declared.entity + "\" cannot be an entity's name");
    }
    const Result<unsigned> oid = resolve_table(transaction_, declared.table);
    if (!oid.ok()) return oid.status();
    if (std::find(tables_.begin(), tables_.end(), *oid) != tables_.end()) {
      return Status::error(Code::Database, declared.table + " is declared as another entity too")
          .note("one table, one entity");
    }
    tables_.push_back(*oid);

    const Installed* of_table = find([&](const Installed& i) { return i.oid == *oid; });
    const Installed* of_entity =
        find([&](const Installed& i) { return i.captured.entity == declared.entity; });
    const Installed* before = of_table != nullptr ? of_table : of_entity;
    step.wanted.oid = *oid;
    step.wanted.options.entity = declared.entity;
    step.wanted.options.key = declared.key;
    if (before != nullptr) {
      step.wanted.options.on_error = before->captured.on_error;
      step.wanted.options.capture_unchanged = before->capture_unchanged;
      step.wanted.pushdown = before->captured.pushdown;
    }
    const Result<Installation> plan = plan_installation(transaction_, connection_, step.wanted);
    if (!plan.ok()) return plan.status();
    step.applied.table = plan->captured.table;
    step.applied.action = before == nullptr ? Action::Add : Action::Replace;
    if (before == nullptr) return {};
    step.applied.reason = difference(*before, of_table != nullptr, *plan);
    if (step.applied.reason.empty()) step.applied.action = Action::None;
    return {};
  }

  static std::string difference(const Installed& before, bool same_table,
                                const Installation& plan) {
    const Captured& was = before.captured;
    if (!same_table) return "it was captured from " + was.table;
    if (was.entity != plan.captured.entity) return "it was captured as " + was.entity;
    if (was.key != plan.captured.key) return "its key was " + join(was.key, ", ");
    if (!was.enabled || !before.untouched) return "its triggers were dropped, disabled or altered";
    if (was.mode != plan.captured.mode) return "its mode was " + was.mode;
    if (before.definition.empty()) return "an older version installed it";
    if (before.definition != plan.definition) return "the table or this version is another";
    return {};
  }

  template <typename Predicate>
  const Installed* find(const Predicate& predicate) const {
    const auto found = std::find_if(installed_.begin(), installed_.end(), predicate);
    return found == installed_.end() ? nullptr : &*found;
  }

  pqxx::transaction_base& transaction_;
  const Connection& connection_;
  const ApplyOptions& options_;
  std::vector<Installed> installed_;
  std::vector<unsigned> tables_;  // of the declarations before
};

Status carry_out(pqxx::work& transaction, const Connection& connection, Step& step) {
  transaction.exec(kLimitWaiting);
  uninstall(transaction, connection, step.applied.entity);
  if (step.applied.action == Action::Drop) return {};
  // What was pushed down may speak of columns that have another name by now.
  step.wanted.pushdown = {};
  return install(transaction, connection, step.wanted).status();
}

}  // namespace

const char* action_name(Action action) {
  switch (action) {
    case Action::None:
      return "none";
    case Action::Add:
      return "add";
    case Action::Replace:
      return "replace";
    case Action::Drop:
      return "drop";
    case Action::Beyond:
      return "beyond";
  }
  return "";
}

Result<std::vector<Applied>> apply(Connection& connection, const std::vector<Declared>& declared,
                                   const ApplyOptions& options) {
  std::vector<Step> steps;
  Status status = connection.read([&](pqxx::transaction_base& transaction) {
    Status migrated = check_migrated(transaction, connection);
    if (migrated.ok()) steps = Comparison(transaction, connection, options).steps(declared);
    return migrated;
  });
  if (!status.ok()) return status;
  const bool sound = std::all_of(steps.begin(), steps.end(),
                                 [](const Step& step) { return step.applied.error.ok(); });
  std::vector<Applied> out;
  for (Step& step : steps) {
    const Action action = step.applied.action;
    if (sound && !options.dry_run && action != Action::None && action != Action::Beyond) {
      Status done = connection.transact(
          [&](pqxx::work& transaction) { return carry_out(transaction, connection, step); });
      if (!done.ok() && connection.broken()) return done;
      step.applied.done = done.ok();
      step.applied.error = explain(std::move(done), step.applied.table);
    }
    out.push_back(std::move(step.applied));
  }
  return out;
}

}  // namespace observerd::capture
