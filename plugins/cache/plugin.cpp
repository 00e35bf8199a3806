#include "observerd/plugin.hpp"

#include <memory>
#include <utility>

#include "cache/backend.hpp"
#include "cache/schema.hpp"
#include "common/http_module.hpp"
#include "common/settings.hpp"

namespace observerd::cache {
namespace {

constexpr std::chrono::seconds kProbeTimeout{10};

class CacheAction final : public sdk::Action {
 public:
  explicit CacheAction(Operation operation) : operation(std::move(operation)) {}
  const Operation operation;  ///< as configured: templates not rendered
};

}  // namespace

/// Invalidates and refreshes caches.
class CacheModule final : public sdk::Module {
 public:
  static constexpr sdk::TypeInfo info() {
    return sdk::TypeInfo("cache", "Invalidates and refreshes what caches hold.")
        .module_schema(kModuleSchema)
        .action_schema(kActionSchema)
        .max_batch(1000)
        .thread_safe(16);
  }

  CacheModule(sdk::Host host, std::string_view settings, sdk::Errors& errors)
      : CacheModule(host, common::parse_settings(settings, errors).value_or(json::Value::object()),
                    errors) {}

  std::unique_ptr<sdk::Action> bind(std::string_view text, sdk::Errors& errors,
                                    sdk::Binding& binding) override {
    const auto parsed = common::parse_settings(text, errors);
    if (!parsed) return nullptr;
    Operation operation = parse_operation(*parsed, common::into(errors));
    backend_->check(operation, common::into(errors));
    binding.lane_key(backend_->lane());
    binding.batch_key("cache");  // all share the module's connections
    return std::make_unique<CacheAction>(std::move(operation));
  }

  bool start() override {
    backend_->start();
    return true;
  }
  void stop() override { backend_->stop(); }

  void deliver_batch(sdk::Batch& batch) override {
    std::vector<std::uint32_t> places;
    Work work;
    places.reserve(batch.size());
    work.operations.reserve(batch.size());
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
      const sdk::Item item = batch[i];
      if (places.empty()) work.limit = {earliest(item.deadline()), item.cancel_fd()};
      auto rendered = render_operation(item.action<CacheAction>().operation, item);
      if (const auto* refused = std::get_if<sdk::Result>(&rendered)) {
        batch.report(i, *refused);
      } else {
        work.operations.push_back(std::get<Operation>(std::move(rendered)));
        places.push_back(i);
      }
    }
    if (places.empty()) return;
    work.is_cancelled = [&batch] { return batch.cancelled(); };
    work.report = [&](std::size_t index, const sdk::Result& result) {
      batch.report(places[index], result);
    };
    backend_->deliver(work);
  }

  bool probe(sdk::Action& /*action*/, sdk::Errors& errors) override {
    const Limit limit{earliest(std::chrono::steady_clock::now() + kProbeTimeout)};
    const std::string problem = backend_->probe(limit);
    if (!problem.empty()) errors.add("", problem);
    return problem.empty();
  }

  void preview(const sdk::Item& item, sdk::Preview& preview) override {
    const auto rendered = render_operation(item.action<CacheAction>().operation, item);
    if (const auto* refused = std::get_if<sdk::Result>(&rendered)) {
      preview.write(refused->code + ": " + refused->message);
    } else {
      preview.write(backend_->preview(std::get<Operation>(rendered)));
    }
  }

 private:
  CacheModule(sdk::Host host, const json::Value& settings, sdk::Errors& errors)
      : Module(host, "", errors),
        client_(common::parse_client_settings(settings, common::into(errors))),
        backend_(make_backend(settings, client_, host, common::into(errors))) {}

  /// The host's deadline, or the module's own timeout where that is earlier.
  SteadyTime earliest(SteadyTime deadline) const {
    if (!client_.timeout) return deadline;
    return std::min(deadline, std::chrono::steady_clock::now() + *client_.timeout);
  }

  const common::ClientSettings client_;
  const std::unique_ptr<Backend> backend_;
};

}  // namespace observerd::cache

OBSERVERD_SDK_PLUGIN(0,
                     observerd::sdk::PluginInfo("cache", OBSERVERD_VERSION)
                         .description("Invalidates and refreshes what caches hold.")
                         .license("Apache-2.0")
                         .vendor("observerd"),
                     observerd::cache::CacheModule);
