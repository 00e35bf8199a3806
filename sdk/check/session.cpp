#include "check/session.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace observerd::check {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// Lets one thread wait for another's end, for a while.
class Latch {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    opened_ = true;
    changed_.notify_all();
  }
  bool wait_until(Clock::time_point until) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, until, [this] { return opened_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool opened_ = false;
};

}  // namespace

Session::Session(Trial& trial, const plugin::ActionType& type, Shape shape)
    : trial_(trial),
      type_(type),
      memory_(std::make_shared<GuardedMemory>(shape)),
      faults_(std::make_shared<Faults>()),
      host_(std::make_shared<HostDouble>(*memory_, *faults_)) {}

std::unique_ptr<Session> Session::open(Trial& trial, const plugin::ActionType& type, Shape shape,
                                       std::string& refusal) {
  refusal = "no settings that fit its schemas could be made";
  for (const TrialSettings& settings : good_settings(type, trial.given)) {
    std::unique_ptr<Session> session(new Session(trial, type, shape));
    if (session->try_settings(settings, refusal)) return session;
  }
  return nullptr;
}

std::unique_ptr<Session> Session::open(Trial& trial, const plugin::ActionType& type, Shape shape) {
  std::string refusal;
  std::unique_ptr<Session> session = open(trial, type, shape, refusal);
  if (session == nullptr) trial.finding.fail("type \"" + type.type + "\": " + refusal);
  return session;
}

std::optional<TrialSettings> Session::accepted(Trial& trial, const plugin::ActionType& type,
                                               std::string& refusal) {
  for (const TrialSettings& settings : good_settings(type, trial.given)) {
    Session session(trial, type, {});
    if (session.try_settings(settings, refusal)) return settings;
  }
  return std::nullopt;
}

std::unique_ptr<Session> Session::started(Trial& trial, const plugin::ActionType& type,
                                          Shape shape) {
  std::unique_ptr<Session> session = open(trial, type, shape);
  if (session == nullptr || session->start()) return session;
  const std::string why = session->last_error();
  trial.finding.fail(session->prefix() + "start failed" + (why.empty() ? "" : ": " + why));
  return nullptr;
}

bool Session::try_settings(const TrialSettings& settings, std::string& refusal) {
  Result<std::string> rendered = rendered_settings(type_, settings.action);
  if (!rendered) {
    refusal = rendered.status().message();
    return false;
  }
  item_settings_ = *std::move(rendered);
  ErrorsDouble errors(*memory_);
  const std::string module_text = json::write(settings.module);
  call(trial_, type_, "open", [&] {
    module_ = type_.table->open(host_->raw(), memory_->text(module_text), errors.raw());
  });
  if (module_ == nullptr) {
    refusal = "open refuses the settings " + module_text + " (" + errors.first() + ")";
    return false;
  }
  if (errors.count() != 0) {
    refusal = "open returned a module, and yet an error (" + errors.first() + ")";
    return false;
  }
  action_text_ = json::write(settings.action);
  return bind(refusal);
}

bool Session::bind(std::string& refusal) {
  ErrorsDouble errors(*memory_);
  BindingDouble binding(*memory_, *faults_);
  observerd_action* action = nullptr;
  call(trial_, type_, "bind", [&] {
    action = type_.table->bind(module_, memory_->text(action_text_), errors.raw(), binding.raw());
  });
  if (action == nullptr || errors.count() != 0) {
    refusal = "bind refuses the settings " + action_text_ + " (" + errors.first() + ")";
    // An action that comes with an error counts as failed (ABI.md, "Settings").
    if (action != nullptr)
      call(trial_, type_, "unbind", [&] { type_.table->unbind(module_, action); });
    return false;
  }
  actions_.push_back(action);
  batch_key_ = binding.batch_key;
  return true;
}

bool Session::bind_another() {
  std::string refusal;
  if (bind(refusal)) return true;
  trial_.finding.fail(prefix() + "a second action with the same settings is refused: " + refusal);
  return false;
}

Session::~Session() {
  end();
}

void Session::end() {
  if (stuck_ || module_ == nullptr) return;
  stop();
  for (observerd_action* action : actions_) {
    call(trial_, type_, "unbind", [&] { type_.table->unbind(module_, action); });
  }
  actions_.clear();
  call(trial_, type_, "close", [&] { type_.table->close(module_); });
  module_ = nullptr;
}

bool Session::start() {
  running_ = true;  // stop follows a start that failed, too
  if (type_.table->start == nullptr) return true;
  std::int32_t failed = 0;
  // An exception counts as started: what it means for the rest is what the rest of the test sees.
  call(trial_, type_, "start", [&] { failed = type_.table->start(module_); });
  return failed == 0;
}

void Session::stop() {
  if (!running_ || stuck_) return;
  running_ = false;
  if (type_.table->stop == nullptr) return;
  call(trial_, type_, "stop", [&] { type_.table->stop(module_); });
}

BatchDouble& Session::batch(std::uint32_t count) {
  std::vector<ItemText> items;
  // Without a batch key the host never puts two actions into one batch.
  const std::size_t mixed = batch_key_.empty() ? 1 : actions_.size();
  for (std::uint32_t i = 0; i < count; ++i) {
    items.push_back({actions_[i % mixed], item_settings_});
  }
  batches_.push_back(std::make_shared<BatchDouble>(memory_, items));
  return *batches_.back();
}

Delivered Session::deliver(BatchDouble& batch, milliseconds until_deadline) {
  // What the plugin may use for as long as it does not return; by itself all that the thread knows.
  struct Running {
    Latch returned;
    std::shared_ptr<BatchDouble> batch;
    std::shared_ptr<HostDouble> host;
    std::shared_ptr<Faults> faults;
    bool threw = false;
  };
  auto running = std::make_shared<Running>();
  running->host = host_;
  running->faults = faults_;
  for (const auto& own : batches_) {
    if (own.get() == &batch) running->batch = own;
  }
  Delivered delivered;
  const auto begin = Clock::now();
  const auto deadline = begin + until_deadline;
  batch.set_deadline(deadline);
  trial_.stage.set("deliver of type \"" + type_.type + "\"");
  std::thread worker(
      [running, deliver = type_.table->deliver, module = module_, async = type_.async] {
        try {
          deliver(module, running->batch->raw());
        } catch (...) {
          running->threw = true;
        }
        running->batch->set_returned(async);
        running->returned.open();
      });
  const auto patience = std::max(deadline, begin) + trial_.times.grace;
  if (!running->returned.wait_until(patience)) {
    delivered.cancelled = true;
    batch.cancel();
    if (!running->returned.wait_until(Clock::now() + trial_.times.grace)) {
      stuck_ = trial_.stuck = true;
      worker.detach();
      return delivered;
    }
  }
  worker.join();
  if (running->threw)
    trial_.exceptions.add("deliver of type \"" + type_.type + "\" let an exception out");
  delivered.returned = true;
  delivered.took = duration_cast<milliseconds>(Clock::now() - begin);
  settle(batch, patience);
  return delivered;
}

void Session::deliver_here(BatchDouble& batch) {
  const auto deadline = Clock::now() + trial_.times.deliver;
  batch.set_deadline(deadline);
  call(trial_, type_, "deliver", [&] { type_.table->deliver(module_, batch.raw()); });
  batch.set_returned(type_.async);
  settle(batch, deadline + trial_.times.grace);
}

/// An asynchronous type has until its deadline. Of a synchronous one nothing can come any more:
/// what does all the same comes soon after it is told that the batch is over.
void Session::settle(BatchDouble& batch, Clock::time_point patience) const {
  if (batch.wait_reported(type_.async ? patience : Clock::now())) return;
  batch.cancel();
  batch.wait_reported(Clock::now() + trial_.times.grace / 4);
}

bool Session::probe(ErrorsDouble& errors, std::int32_t& answer) {
  if (type_.table->probe == nullptr) return false;
  return call(trial_, type_, "probe",
              [&] { answer = type_.table->probe(module_, actions_.front(), errors.raw()); });
}

bool Session::preview(PreviewDouble& preview) {
  if (type_.table->preview == nullptr) return false;
  const observerd_item* item = batch(1).raw()->items[0];
  return call(trial_, type_, "preview",
              [&] { type_.table->preview(module_, item, preview.raw()); });
}

}  // namespace observerd::check
