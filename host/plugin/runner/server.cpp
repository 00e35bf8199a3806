#include "plugin/runner/server.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace observerd::plugin {
namespace {

/// More than the host ever has under way: its own threads, and what it has given up.
constexpr std::size_t most_threads = 96;
/// For deliveries that run when the module is stopped. The host has waited for them before; what
/// still runs is stuck, or learns of the end by the stop.
constexpr Milliseconds kReturnLimit{500};

SteadyTime from_ns(std::int64_t ns) {
  return SteadyTime(std::chrono::duration_cast<SteadyTime::duration>(std::chrono::nanoseconds(ns)));
}

message::Answer failed(Status status) {
  message::Answer answer;
  answer.problems.push_back(std::move(status));
  return answer;
}

message::Answer answer_of(const Diagnostics& diagnostics) {
  message::Answer answer;
  answer.problems = diagnostics.errors();
  return answer;
}

message::Answer answer_of(const Status& status) {
  return status.ok() ? message::Answer() : failed(status);
}

Status unknown_action() {
  return Status::error(Code::PluginMisbehaved, "the runner process does not know this action");
}

/// What InProcessModule calls a key that the plugin has not named.
bool is_own_key(const std::string& key) {
  return key.size() > 1 && key.front() == '#' &&
         key.find_first_not_of("0123456789", 1) == std::string::npos;
}

}  // namespace

Server::Server(Channel& channel, std::vector<std::unique_ptr<ActionType>> types)
    : channel_(channel),
      services_(channel),
      types_(std::move(types)),
      pool_(*new WorkerPool(most_threads)) {}

bool Server::handle(const Frame& frame) {
  switch (frame.kind) {
    case FrameKind::Deliver:
      return begin(frame);
    case FrameKind::Item:
      return add_item(frame);
    case FrameKind::Cancel:
      cancel(frame.id);
      return true;
    case FrameKind::Unbind:
      pool_.run([this, id = frame.id] {
        std::shared_ptr<BoundAction> released;  // unbinds without the lock
        const std::lock_guard lock(mutex_);
        const auto found = actions_.find(id);
        if (found == actions_.end()) return;
        released = std::move(found->second);
        actions_.erase(found);
      });
      return true;
    default:
      return answer_request(frame);
  }
}

bool Server::answer_request(const Frame& frame) {
  const auto run = [this, id = frame.id](auto body) {
    pool_.run([this, id, body = std::move(body)]() mutable {
      channel_.send(FrameKind::Answer, id, body().encode());
    });
    return true;
  };
  switch (frame.kind) {
    case FrameKind::Open: {
      auto request = message::Open::decode(frame.body);
      return request && run([this, it = *std::move(request)] { return open(it); });
    }
    case FrameKind::Bind: {
      auto request = message::ActionRequest::decode(frame.body);
      return request && run([this, it = *std::move(request)] { return bind(it); });
    }
    case FrameKind::Probe: {
      auto request = message::ActionRequest::decode(frame.body);
      return request && run([this, it = *std::move(request)] { return probe(it); });
    }
    case FrameKind::Preview: {
      auto request = message::DeliveryItem::decode(frame.body);
      return request && run([this, it = *std::move(request)] { return preview(it); });
    }
    case FrameKind::Start:
      return run([this] { return answer_of(module()->start()); });
    case FrameKind::Stop:
      return run([this] {
        let_deliveries_return();
        module()->stop();
        return message::Answer();
      });
    case FrameKind::Close:
      return run([this] { return close(); });
    default:
      return false;
  }
}

message::Answer Server::open(const message::Open& request) {
  services_.set_levels(request.log_levels);
  for (const auto& type : types_) {
    if (type->type != request.type) continue;
    Diagnostics diagnostics;
    std::shared_ptr<Module> opened = open_module(*type, request.settings, services_, diagnostics);
    const std::lock_guard lock(mutex_);
    module_ = std::move(opened);
    return answer_of(diagnostics);
  }
  return failed(Status::error(Code::PluginLoad, "the library does not provide the action type \"" +
                                                    request.type + "\" any more"));
}

message::Answer Server::bind(const message::ActionRequest& request) {
  Diagnostics diagnostics;
  std::shared_ptr<BoundAction> action = module()->bind(request.json, diagnostics);
  message::Answer answer = answer_of(diagnostics);
  if (action == nullptr) return answer;
  if (action->names_lane()) answer.lane_key = action->lane_key();
  if (!is_own_key(action->batch_key())) answer.batch_key = action->batch_key();
  const std::lock_guard lock(mutex_);
  actions_[request.action] = std::move(action);
  return answer;
}

message::Answer Server::probe(const message::ActionRequest& request) {
  const std::shared_ptr<BoundAction> action = find(request.action);
  if (action == nullptr) return failed(unknown_action());
  bool supported = false;
  message::Answer answer = answer_of(module()->probe(*action, supported));
  answer.supported = supported;
  return answer;
}

message::Answer Server::preview(message::DeliveryItem request) {
  const std::shared_ptr<BoundAction> action = find(request.action);
  if (action == nullptr) return failed(unknown_action());
  request.item.action = action.get();
  message::Answer answer;
  answer.text = module()->preview(request.item);
  return answer;
}

void Server::let_deliveries_return() {
  std::unique_lock lock(mutex_);
  moved_on_.wait(lock, [this] { return queued_ == 0; });
  moved_on_.wait_for(lock, kReturnLimit, [this] { return delivering_ == 0; });
}

message::Answer Server::close() {
  let_deliveries_return();
  Actions actions;
  std::shared_ptr<Module> module;
  {
    const std::lock_guard lock(mutex_);
    actions.swap(actions_);
    module.swap(module_);
  }
  actions.clear();
  return {};
}

bool Server::begin(const Frame& frame) {
  const auto head = message::Deliver::decode(frame.body);
  if (!head || head->items == 0) return false;
  auto batch = std::make_shared<Batch>();
  batch->id = frame.id;
  batch->expected = batch->open = head->items;
  batch->deadline = from_ns(head->deadline_ns);
  batch->cancelled = head->cancelled;
  const std::lock_guard lock(mutex_);
  return batches_.emplace(frame.id, std::move(batch)).second;
}

bool Server::add_item(const Frame& frame) {
  auto message = message::DeliveryItem::decode(frame.body);
  if (!message) return false;
  std::shared_ptr<Batch> complete;
  {
    const std::lock_guard lock(mutex_);
    const auto found = batches_.find(frame.id);
    const auto action = actions_.find(message->action);
    if (found == batches_.end() || action == actions_.end()) return false;
    Batch& batch = *found->second;
    if (batch.items.size() == batch.expected) return false;
    message->item.action = action->second.get();
    batch.actions.push_back(action->second);
    batch.items.push_back(std::move(message->item));
    if (batch.items.size() == batch.expected) {
      complete = found->second;
      ++queued_;
    }
  }
  if (complete) pool_.run([this, complete] { deliver(complete); });
  return true;
}

void Server::cancel(std::uint64_t id) {
  std::shared_ptr<Call> call;
  {
    const std::lock_guard lock(mutex_);
    const auto found = batches_.find(id);
    if (found == batches_.end()) return;  // it was reported meanwhile
    found->second->cancelled = true;
    call = found->second->call;
  }
  if (call) call->cancel();
}

void Server::deliver(const std::shared_ptr<Batch>& batch) {
  const std::shared_ptr<Module> module = this->module();
  module->deliver(
      std::move(batch->items), batch->deadline,
      [this, batch](std::uint32_t index, const ItemResult& result) {
        report(batch, index, result);
      },
      [this, &batch](const std::shared_ptr<Call>& call) {
        bool cancelled = false;
        {
          const std::lock_guard lock(mutex_);
          batch->call = call;
          cancelled = batch->cancelled;
          --queued_;
          ++delivering_;
        }
        moved_on_.notify_all();
        if (cancelled) call->cancel();
      });
  {
    const std::lock_guard lock(mutex_);
    --delivering_;
  }
  moved_on_.notify_all();
  if (!module->type().async) finish(batch);
}

/// From any thread, also one of the plugin's.
void Server::report(const std::shared_ptr<Batch>& batch, std::uint32_t index,
                    const ItemResult& result) {
  channel_.send(FrameKind::Result, batch->id, message::ItemReport::encode(index, result));
  bool last = false;
  bool async = false;
  {
    const std::lock_guard lock(mutex_);
    last = --batch->open == 0;
    async = module_ == nullptr || module_->type().async;
  }
  // The actions are let go of on another thread: within report the plugin must not be called.
  if (last && async) pool_.run([this, batch] { finish(batch); });
}

void Server::finish(const std::shared_ptr<Batch>& batch) {
  {
    const std::lock_guard lock(mutex_);
    batches_.erase(batch->id);
    batch->call.reset();
  }
  batch->actions.clear();
  channel_.send(FrameKind::Done, batch->id);
}

std::shared_ptr<BoundAction> Server::find(std::uint64_t action) {
  const std::lock_guard lock(mutex_);
  const auto found = actions_.find(action);
  return found == actions_.end() ? nullptr : found->second;
}

/// The host asks for nothing before Open has succeeded, nor after Close.
std::shared_ptr<Module> Server::module() {
  const std::lock_guard lock(mutex_);
  return module_;
}

}  // namespace observerd::plugin
