#include "app/check_captured.hpp"

#include <algorithm>
#include <map>

#include "app/setting_place.hpp"
#include "app/uncaptured.hpp"
#include "capture/capture.hpp"
#include "condition/column_check.hpp"

namespace observerd::app {
namespace {

using Columns = std::vector<condition::Column>;

void check_condition(const config::Configuration& configuration,
                     const config::ObserverSettings& observer, const Columns& columns,
                     Diagnostics& diagnostics) {
  const auto condition = condition::Condition::parse(observer.when);
  if (!condition) return;  // reported when the configuration was read
  const Diagnostics found = condition::check_columns(*condition, columns);
  const auto place = [&](Status status) {
    Place where = configuration.sources.place(observer.when_origin);
    where.pointer = observer.place.pointer + "/when";
    return std::move(status).at(where);
  };
  for (const Status& error : found.errors()) diagnostics.add(place(error));
  for (const Status& warning : found.warnings()) diagnostics.warn(place(warning));
}

void check_templates(const config::Configuration& configuration,
                     const config::ActionSettings& settings, const delivery::PreparedAction& action,
                     const Columns& columns, Diagnostics& diagnostics) {
  for (const auto& [pointer, read] : action.settings.reads()) {
    if (!read.of_event) continue;  // the value of a section may have it
    const std::string why = condition::why_never_there(read.path, columns);
    if (why.empty()) continue;
    Status status = Status::error(Code::Template, "{{ " + read.path.to_string() + " }}: " + why)
                        .at(place_below(configuration, settings.place, settings.settings, pointer));
    if (read.required && !settings.delivery.missing_is_empty) {
      diagnostics.add(std::move(status));
    } else {
      diagnostics.warn(std::move(status));
    }
  }
}

/// The columns of captured entities, asked for once.
class CapturedColumns {
 public:
  CapturedColumns(postgres::Connection& connection, std::vector<capture::Captured> captured)
      : connection_(connection), captured_(std::move(captured)) {}

  /// nullptr when nothing is captured as `entity`, or the database does not say.
  const Columns* of(const std::string& entity, Diagnostics& diagnostics) {
    const bool is_captured =
        std::any_of(captured_.begin(), captured_.end(),
                    [&](const capture::Captured& one) { return one.entity == entity; });
    if (!is_captured) return nullptr;
    const auto [at, is_new] = known_.try_emplace(entity);
    if (is_new) {
      const auto columns = capture::columns(connection_, entity);
      if (!columns) diagnostics.add(columns.status());
      if (columns) at->second.emplace();
      for (std::size_t i = 0; columns && i < columns->size(); ++i) {
        at->second->emplace_back((*columns)[i].name, (*columns)[i].type);
      }
    }
    return at->second ? &*at->second : nullptr;
  }

 private:
  postgres::Connection& connection_;
  const std::vector<capture::Captured> captured_;
  std::map<std::string, std::optional<Columns>> known_;
};

}  // namespace

void check_captured(const config::Configuration& configuration, const Composition* composition,
                    postgres::Connection& connection, Diagnostics& diagnostics) {
  auto captured = capture::list(connection);
  if (!captured) {
    diagnostics.add(captured.status());
    return;
  }
  // Warnings: applications may emit events of entities that are no table.
  for (Status& one : uncaptured(configuration.settings, *captured)) {
    diagnostics.warn(std::move(one));
  }
  CapturedColumns tables(connection, std::move(*captured));
  const auto& observers = configuration.settings.observers;
  for (std::size_t i = 0; i < observers.size(); ++i) {
    const Columns* columns = tables.of(observers[i].entity, diagnostics);
    if (columns == nullptr) continue;
    if (!observers[i].when.empty()) {
      check_condition(configuration, observers[i], *columns, diagnostics);
    }
    for (std::size_t j = 0; composition != nullptr && j < observers[i].actions.size(); ++j) {
      check_templates(configuration, observers[i].actions[j],
                      composition->plan->observers[i].actions[j], *columns, diagnostics);
    }
  }
}

}  // namespace observerd::app
