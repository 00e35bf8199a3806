#include "common/http_worker.hpp"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <system_error>
#include <utility>

#include "common/easy_handle.hpp"

namespace observerd::common {
namespace {

constexpr Milliseconds kCancelInterval{100};
constexpr Milliseconds kIdleWait{60'000};

SteadyTime steady_now() {
  return std::chrono::steady_clock::now();
}

Response cancelled_response() {
  Response response;
  response.error = HttpError::Cancelled;
  response.detail = "the request was cancelled";
  return response;
}

// A thread that takes no signals: OpenSSL writes to sockets that may be closed, and SIGPIPE must
// not reach the process; nor may this thread run a handler of the host.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

// A handle that serves one request only: it owns its connection, or is set up for a route of its
// own, or for a signature. Connections are kept all the same: they belong to the multi handle.
bool is_own(const Request& request) {
  return request.connect_only || request.route != nullptr || request.aws != nullptr;
}

}  // namespace

HttpClient::Worker::Worker(ClientOptions options)
    : options_(std::move(options)),
      name_failures_(options_.name_failure ? options_.name_failure : ask_resolver,
                     [this](const std::string& host, HttpError error) {
                       const std::lock_guard lock(mutex_);
                       names_.push_back({host, error});
                       loop_.wake();
                     }) {}

bool HttpClient::Worker::start() {
  if (!loop_.ok()) return false;
  loop_.keep_connections(std::max<long>(256, options_.max_connections * 4L));
  const SignalsBlocked blocked;  // inherited by the thread and by those that libcurl starts
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

HttpClient::Ticket HttpClient::Worker::submit(std::vector<Job> jobs) {
  std::vector<std::unique_ptr<Entry>> entries;
  entries.reserve(jobs.size());
  for (auto& job : jobs) entries.push_back(std::make_unique<Entry>(options_, std::move(job)));
  Ticket first = 0;
  {
    const std::lock_guard lock(mutex_);
    first = last_ticket_ + 1;
    for (auto& entry : entries) entry->ticket = ++last_ticket_;
    if (!is_stopping_) {
      std::move(entries.begin(), entries.end(), std::back_inserter(incoming_));
      entries.clear();
    }
  }
  for (auto& entry : entries) entry->callback(cancelled_response());
  loop_.wake();
  return first;
}

void HttpClient::Worker::release(Ticket ticket, Headers headers) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return;
    releases_.push_back({ticket, std::move(headers)});
  }
  loop_.wake();
}

void HttpClient::Worker::cancel(Ticket ticket) {
  {
    const std::lock_guard lock(mutex_);
    cancels_.push_back(ticket);
  }
  loop_.wake();
}

void HttpClient::Worker::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  loop_.wake();
  if (thread_.joinable()) thread_.join();
}

void HttpClient::Worker::run() {
  bool is_stopping = false;
  while (!is_stopping) {
    loop_.turn(longest_wait(), [this](CURL* easy, CURLcode code) { ended(easy, code); });
    is_stopping = take_inbox();
    const SteadyTime now = steady_now();
    expire(now);
    end_cancelled(now);
    line_up_early(now);
    start_waiting();
  }
  while (!entries_.empty()) {
    interrupt(*entries_.begin()->second, HttpError::Cancelled, "the client is stopping");
  }
  for (CURL* easy : idle_) curl_easy_cleanup(easy);
  idle_.clear();
}

bool HttpClient::Worker::take_inbox() {
  std::vector<std::unique_ptr<Entry>> incoming;
  std::vector<Release> releases;
  std::vector<Ticket> cancels;
  std::vector<NameAnswer> names;
  bool is_stopping = false;
  {
    const std::lock_guard lock(mutex_);
    incoming.swap(incoming_);
    releases.swap(releases_);
    cancels.swap(cancels_);
    names.swap(names_);
    is_stopping = is_stopping_;
  }
  for (auto& entry : incoming) admit(std::move(entry));
  for (auto& release : releases) let_go(std::move(release));
  for (const Ticket ticket : cancels) {
    const auto found = entries_.find(ticket);
    if (found != entries_.end()) {
      interrupt(*found->second, HttpError::Cancelled, "the request was cancelled");
    }
  }
  for (const auto& answer : names) name_answered(answer);
  return is_stopping;
}

void HttpClient::Worker::admit(std::unique_ptr<Entry> owned) {
  Entry& entry = *owned;
  const std::string name = entry.transfer.request().url.origin();
  Origin& origin = origins_[name];
  if (origin.name.empty()) origin.name = name;
  ++origin.entries;
  entry.origin = &origin;
  entry.timer = deadlines_.emplace(entry.deadline, &entry);
  if (entry.transfer.request().cancelled) ++cancellable_;
  entries_.emplace(entry.ticket, std::move(owned));
  if (entry.stage != Stage::Held) queue(entry);
}

void HttpClient::Worker::let_go(Release release) {
  const auto found = entries_.find(release.ticket);
  if (found == entries_.end() || found->second->stage != Stage::Held) return;
  found->second->transfer.add_headers(std::move(release.headers));
  queue(*found->second);
}

void HttpClient::Worker::queue(Entry& entry) {
  if (entry.not_before == SteadyTime()) {
    line_up(entry);
  } else {
    entry.stage = Stage::Early;
    entry.start = early_.emplace(entry.not_before, &entry);
  }
}

void HttpClient::Worker::line_up(Entry& entry) {
  Origin& origin = *entry.origin;
  entry.place = origin.waiting.insert(origin.waiting.end(), &entry);
  entry.stage = Stage::Waiting;
  mark_ready(origin);
}

void HttpClient::Worker::line_up_early(SteadyTime now) {
  while (!early_.empty() && early_.begin()->first <= now) {
    Entry& entry = *early_.begin()->second;
    early_.erase(entry.start);
    line_up(entry);
  }
}

void HttpClient::Worker::mark_ready(Origin& origin) {
  const bool has_room = origin.active < options_.max_connections;
  if (origin.is_ready || !has_room || origin.waiting.empty()) return;
  origin.is_ready = true;
  ready_.push_back(&origin);
}

void HttpClient::Worker::start_waiting() {
  while (active_ < options_.max_active && !ready_.empty()) {
    Origin& origin = *ready_.front();
    ready_.pop_front();
    origin.is_ready = false;
    if (!origin.waiting.empty()) begin(*origin.waiting.front());
  }
}

void HttpClient::Worker::begin(Entry& entry) {
  Origin& origin = *entry.origin;
  origin.waiting.erase(entry.place);
  entry.stage = Stage::Active;
  ++origin.active;
  ++active_;
  mark_ready(origin);
  if (auto refused = entry.transfer.refused()) {
    finish(entry, std::move(*refused));
    return;
  }
  CURL* easy = take_easy(entry.transfer);
  const bool is_begun = easy != nullptr && entry.transfer.attach(easy) &&
                        curl_easy_setopt(easy, CURLOPT_PRIVATE, &entry) == CURLE_OK &&
                        loop_.add(easy);
  if (!is_begun) interrupt(entry, HttpError::Internal, "libcurl did not take the request");
}

CURL* HttpClient::Worker::take_easy(const Transfer& transfer) {
  if (is_own(transfer.request()) || idle_.empty()) {
    return new_easy_handle(options_, transfer.route());
  }
  CURL* easy = idle_.back();
  idle_.pop_back();
  return easy;
}

void HttpClient::Worker::ended(CURL* easy, CURLcode code) {
  char* owner = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &owner);
  Entry& entry = *reinterpret_cast<Entry*>(owner);
  Response response = entry.transfer.finish(code);
  if (response.error == HttpError::DnsTemporary &&
      name_failures_.ask(entry.transfer.request().url.host)) {
    leave_stage(entry);
    entry.stage = Stage::AskingName;
    entry.failed_name = std::move(response);
    return;
  }
  finish(entry, std::move(response));
}

void HttpClient::Worker::name_answered(const NameAnswer& answer) {
  std::vector<Entry*> asking;
  for (const auto& [ticket, entry] : entries_) {
    if (entry->stage == Stage::AskingName && entry->transfer.request().url.host == answer.host) {
      asking.push_back(entry.get());
    }
  }
  for (Entry* entry : asking) {
    entry->failed_name.error = answer.error;
    finish(*entry, std::move(entry->failed_name));
  }
}

void HttpClient::Worker::expire(SteadyTime now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    Entry& entry = *deadlines_.begin()->second;
    switch (entry.stage) {
      case Stage::Held:
        interrupt(entry, HttpError::Timeout, "what it waits for did not come before the deadline");
        break;
      case Stage::Early:
      case Stage::Waiting:
        interrupt(entry, HttpError::Timeout, "no connection became free before the deadline");
        break;
      case Stage::AskingName:
        finish(entry, std::move(entry.failed_name));
        break;
      case Stage::Active:
        if (entry.transfer.is_connected()) {
          interrupt(entry, HttpError::Timeout, "no complete answer before the deadline");
        } else {
          interrupt(entry, HttpError::ConnectTimeout, "no connection before the deadline");
        }
        break;
    }
  }
}

void HttpClient::Worker::end_cancelled(SteadyTime now) {
  if (cancellable_ == 0 || now < next_look_) return;
  next_look_ = now + kCancelInterval;
  std::vector<Entry*> cancelled;
  for (const auto& [ticket, entry] : entries_) {
    const auto& is_cancelled = entry->transfer.request().cancelled;
    if (is_cancelled && is_cancelled()) cancelled.push_back(entry.get());
  }
  for (Entry* entry : cancelled) {
    interrupt(*entry, HttpError::Cancelled, "the delivery was cancelled");
  }
}

void HttpClient::Worker::interrupt(Entry& entry, HttpError error, std::string detail) {
  finish(entry, entry.transfer.interrupted(error, std::move(detail)));
}

// Gives back what the stage holds: a place in the queue, or a handle and a slot of the origin.
void HttpClient::Worker::leave_stage(Entry& entry) {
  Origin& origin = *entry.origin;
  if (entry.stage == Stage::Early) early_.erase(entry.start);
  if (entry.stage == Stage::Waiting) origin.waiting.erase(entry.place);
  if (entry.stage != Stage::Active) return;
  --origin.active;
  --active_;
  mark_ready(origin);
  if (entry.transfer.easy() == nullptr) return;
  loop_.remove(entry.transfer.easy());
  CURL* easy = entry.transfer.detach();
  if (is_own(entry.transfer.request()) ||
      idle_.size() >= static_cast<std::size_t>(options_.max_active)) {
    curl_easy_cleanup(easy);
  } else {
    idle_.push_back(easy);
  }
}

void HttpClient::Worker::finish(Entry& entry, Response response) {
  leave_stage(entry);
  deadlines_.erase(entry.timer);
  if (entry.transfer.request().cancelled) --cancellable_;
  Origin& origin = *entry.origin;
  const auto node = entries_.extract(entry.ticket);  // destroyed after the callback
  if (--origin.entries == 0) {
    if (origin.is_ready) ready_.remove(&origin);
    origins_.erase(origins_.find(origin.name));
  }
  entry.callback(std::move(response));
}

Milliseconds HttpClient::Worker::longest_wait() const {
  if (!ready_.empty() && active_ < options_.max_active) return Milliseconds(0);
  Milliseconds wait = cancellable_ > 0 ? kCancelInterval : kIdleWait;
  for (const Times* times : {&deadlines_, &early_}) {
    if (times->empty()) continue;
    const auto left = times->begin()->first - steady_now();
    wait = std::min(wait, std::chrono::ceil<Milliseconds>(left));
  }
  return std::max(wait, Milliseconds(0));
}

}  // namespace observerd::common
