#include <algorithm>

#include "app/daemon.hpp"

/// Taking up plugin files while everything runs, without a reload.
namespace observerd::app {
namespace {

using telemetry::Level;

bool is_same(const plugin::Entry& one, const plugin::Entry& other) {
  return one.path == other.path && one.state == other.state && one.sha256 == other.sha256 &&
         one.restart_needed == other.restart_needed &&
         one.reason.to_string() == other.reason.to_string();
}

bool is_same(const plugin::Registry& one, const plugin::Registry& other) {
  return std::equal(one.entries().begin(), one.entries().end(), other.entries().begin(),
                    other.entries().end(),
                    [](const auto& a, const auto& b) { return is_same(*a, *b); });
}

}  // namespace

void Daemon::follow_plugins() {
  const config::Settings& settings = configuration_.settings;
  watch_.follow(settings.runtime.watch ? settings.plugins.directories : std::vector<std::string>());
}

void Daemon::look_at_plugins() {
  const Result<bool> changed = watch_.look(clock_.steady_now());
  if (!changed) {
    Diagnostics refused;
    refused.warn(changed.status());
    tell_of_plugins(refused);
  } else if (*changed) {
    take_up_plugins();
  }
}

void Daemon::take_up_plugins() {
  Diagnostics diagnostics;
  auto next = compose(configuration_, environment_, services_, diagnostics, composition_.get());
  const bool same = next && is_same(*next->registry, *composition_->registry);
  const bool good = next && (same || start_new_modules(*next, diagnostics));
  tell_of_plugins(diagnostics);
  if (!good) {
    log_.write(Level::Error, "the plugin files as they are now are refused, what runs goes on");
    return;
  }
  if (same) return;
  switch_to(configuration_, std::make_shared<Composition>(std::move(*next)));
  log_.write(Level::Info, "plugin files were taken up as they are now");
}

void Daemon::tell_of_plugins(const Diagnostics& diagnostics) {
  std::set<std::string> now;
  const auto tell = [&](Level level, const Status& status) {
    std::string text = status.to_string();
    if (told_of_plugins_.count(text) == 0) log_.write(level, status);
    now.insert(std::move(text));
  };
  for (const Status& warning : diagnostics.warnings()) tell(Level::Warn, warning);
  for (const Status& error : diagnostics.errors()) tell(Level::Error, error);
  told_of_plugins_ = std::move(now);
}

}  // namespace observerd::app
