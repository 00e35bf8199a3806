#include "support/plugin/action_plugin.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <numeric>
#include <stdexcept>

#include "base/json.hpp"
#include "config/load.hpp"
#include "plugin/registry.hpp"

namespace observerd::testing {
const plugin::Registry& built_plugins() {
  static RecordingServices services;
  static const std::unique_ptr<plugin::Registry> registry = [] {
    plugin::Policy policy;
    policy.directories = {OBSERVERD_BUILD_DIR "/plugins"};
    policy.trusted_directories = policy.directories;
    Diagnostics diagnostics;
    return plugin::Registry::load(policy, services, diagnostics);
  }();
  return *registry;
}

namespace {

using plugin::Item;
using plugin::ItemResult;

const plugin::ActionType& built_type(const std::string& name) {
  const plugin::ActionType* type = built_plugins().find(name);
  if (type == nullptr) {
    const plugin::Entry* faulty = built_plugins().find_faulty(name);
    throw std::runtime_error(faulty == nullptr ? name + ".so is not in the build directory"
                                               : faulty->reason.to_string());
  }
  return *type;
}

std::vector<std::string> printed(const Diagnostics& diagnostics) {
  std::vector<std::string> lines;
  for (const auto& error : diagnostics.errors()) {
    lines.push_back(error.place().pointer + ": " + error.message());
  }
  return lines;
}

Item make_item(const plugin::BoundAction& action, const Delivery& delivery) {
  Item item;
  item.action = &action;
  item.attempt = delivery.attempt;
  item.delivery_id = delivery.id;
  item.event_json = std::make_shared<const std::string>(delivery.event);
  item.settings_json = std::make_shared<const std::string>(delivery.settings);
  item.trace_parent = delivery.trace_parent;
  item.order = delivery.order;
  item.created_ns = delivery.created_ns;
  return item;
}

// Collects the results of several batches.
class Results {
 public:
  explicit Results(std::size_t count) : results_(count), left_(count) {}
  void set(std::size_t index, ItemResult result) {
    const std::lock_guard lock(mutex_);
    results_.at(index) = std::move(result);
    if (--left_ == 0) done_.notify_all();
  }
  std::vector<ItemResult> wait() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(done_.wait_for(lock, std::chrono::seconds(60), [&] { return left_ == 0; }));
    return results_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::vector<ItemResult> results_;
  std::size_t left_;
};

}  // namespace

void RecordingServices::log(std::string_view, int, std::string_view message, const Fields& fields) {
  const std::lock_guard lock(mutex_);
  text_ += std::string(message);
  for (const auto& [key, value] : fields) text_ += " " + std::string(value);
  text_ += "\n";
}

void RecordingServices::metric(std::string_view, int, std::string_view name, double value,
                               const Fields& labels) {
  std::string whole(name);
  for (const auto& [key, text] : labels) {
    whole += "{" + std::string(key) + "=" + std::string(text) + "}";
  }
  const std::lock_guard lock(mutex_);
  metrics_[whole].push_back(value);
}

std::string RecordingServices::text() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

double RecordingServices::metric_sum(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = metrics_.find(name);
  return found == metrics_.end() ? 0
                                 : std::accumulate(found->second.begin(), found->second.end(), 0.0);
}

std::size_t RecordingServices::metric_count(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = metrics_.find(name);
  return found == metrics_.end() ? 0 : found->second.size();
}

std::string local_settings(const std::string& more) {
  return R"({"allow_http": true, "allow_addresses": ["127.0.0.0/8"])" + more + "}";
}

ActionPlugin::ActionPlugin(const std::string& type, const std::string& module_settings) {
  Diagnostics diagnostics;
  module_ = plugin::open_module(built_type(type), module_settings, services_, diagnostics);
  for (const auto& line : printed(diagnostics)) ADD_FAILURE() << line;
  if (module_ == nullptr) throw std::runtime_error("the module was refused");
  EXPECT_TRUE(module_->start().ok());
}

ActionPlugin::~ActionPlugin() {
  module_->stop();
}

std::vector<std::string> ActionPlugin::open_problems(const std::string& type,
                                                     const std::string& module_settings) {
  RecordingServices services;
  Diagnostics diagnostics;
  const auto module = plugin::open_module(built_type(type), module_settings, services, diagnostics);
  EXPECT_EQ(module == nullptr, !diagnostics.ok());
  return printed(diagnostics);
}

std::vector<std::string> ActionPlugin::bind_problems(const std::string& action) {
  Diagnostics diagnostics;
  const auto bound = module_->bind(action, diagnostics);
  EXPECT_EQ(bound == nullptr, !diagnostics.ok());
  return printed(diagnostics);
}

std::unique_ptr<plugin::BoundAction> ActionPlugin::bind(const std::string& action) {
  Diagnostics diagnostics;
  auto bound = module_->bind(action, diagnostics);
  for (const auto& line : printed(diagnostics)) ADD_FAILURE() << line;
  if (bound == nullptr) throw std::runtime_error("the action was refused");
  return bound;
}

ItemResult ActionPlugin::deliver(const std::string& action, const Delivery& delivery,
                                 Milliseconds deadline) {
  const auto bound = bind(action);
  Results results(1);
  const auto call = module_->deliver(
      {make_item(*bound, delivery)}, std::chrono::steady_clock::now() + deadline,
      [&](std::uint32_t, ItemResult result) { results.set(0, std::move(result)); });
  return results.wait().front();
}

std::vector<ItemResult> ActionPlugin::deliver_all(const std::string& action,
                                                  const std::vector<Delivery>& deliveries) {
  const auto most = static_cast<std::size_t>(module_->type().max_batch);
  const auto bound = bind(action);
  Results results(deliveries.size());
  std::vector<std::shared_ptr<plugin::Call>> calls;
  for (std::size_t first = 0; first < deliveries.size(); first += most) {
    std::vector<Item> items;
    const std::size_t end = std::min(first + most, deliveries.size());
    for (std::size_t i = first; i < end; ++i) items.push_back(make_item(*bound, deliveries[i]));
    calls.push_back(module_->deliver(std::move(items),
                                     std::chrono::steady_clock::now() + std::chrono::seconds(30),
                                     [&results, first](std::uint32_t index, ItemResult result) {
                                       results.set(first + index, std::move(result));
                                     }));
  }
  return results.wait();
}

std::string ActionPlugin::preview(const std::string& action, const Delivery& delivery) {
  const auto bound = bind(action);
  return module_->preview(make_item(*bound, delivery));
}

std::string resolved_settings(const std::string& type, const std::string& configured,
                              const std::map<std::string, std::string>& variables) {
  config::Environment environment;
  environment.variable = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  config::Sources sources;
  json::ParseOptions options;
  options.source = sources.add("test.json", configured);
  const auto value = json::parse(configured, Code::Configuration, options);
  Diagnostics diagnostics;
  if (!value) {
    ADD_FAILURE() << value.status().to_string();
    return {};
  }
  const auto settings = config::resolve_settings(*value, built_type(type).action_schema,
                                                 environment, sources, "", diagnostics);
  for (const auto& line : printed(diagnostics)) ADD_FAILURE() << line;
  return settings ? json::write(settings->value) : "";
}

std::string summary(const ItemResult& result) {
  std::string text(plugin::outcome_name(result.outcome));
  if (!result.code.empty()) text += " " + result.code;
  return text;
}

}  // namespace observerd::testing
