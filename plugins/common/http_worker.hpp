#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "common/http_client.hpp"
#include "common/multi_loop.hpp"
#include "common/name_failures.hpp"
#include "common/transfer.hpp"

namespace observerd::common {

/// The thread of a client and what belongs to it: the queue for each origin, the deadlines, the
/// transfers under way.
class HttpClient::Worker {
 public:
  explicit Worker(ClientOptions options);
  ~Worker() { stop(); }

  bool start();
  Ticket submit(std::vector<Job> jobs);  // the ticket of the first; they are consecutive
  void release(Ticket ticket, Headers headers);
  void cancel(Ticket ticket);
  void stop();

 private:
  struct Entry;
  using Times = std::multimap<SteadyTime, Entry*>;
  using Queue = std::list<Entry*>;

  // Requests to one origin: so many at a time, the others in line.
  struct Origin {
    std::string name;
    std::size_t entries = 0;  // in any stage
    int active = 0;
    bool is_ready = false;  // in ready_: has waiting requests and room for one
    Queue waiting;
  };
  enum class Stage : unsigned char { Held, Early, Waiting, Active, AskingName };

  // One request from submit to callback.
  struct Entry {
    Entry(const ClientOptions& options, Job job)
        : transfer(options, std::move(job.request)),
          callback(std::move(job.callback)),
          deadline(job.deadline),
          not_before(job.not_before),
          stage(job.is_held ? Stage::Held : Stage::Early) {}
    Ticket ticket = 0;
    Transfer transfer;
    Callback callback;
    SteadyTime deadline;
    SteadyTime not_before;
    Stage stage;
    Origin* origin = nullptr;
    Times::iterator start;  // in early_
    Queue::iterator place;  // in origin->waiting
    Times::iterator timer;
    Response failed_name;  // what will be said, while asking why the name failed
  };
  struct NameAnswer {
    std::string host;
    HttpError error;
  };
  struct Release {
    Ticket ticket;
    Headers headers;
  };

  void run();
  bool take_inbox();
  void let_go(Release release);
  void queue(Entry& entry);
  void admit(std::unique_ptr<Entry> entry);
  void line_up(Entry& entry);
  void line_up_early(SteadyTime now);
  void mark_ready(Origin& origin);
  void start_waiting();
  void begin(Entry& entry);
  void ended(CURL* easy, CURLcode code);
  void name_answered(const NameAnswer& answer);
  void expire(SteadyTime now);
  void end_cancelled(SteadyTime now);
  void interrupt(Entry& entry, HttpError error, std::string detail);
  void leave_stage(Entry& entry);
  void finish(Entry& entry, Response response);
  Milliseconds longest_wait() const;
  CURL* take_easy(const Transfer& transfer);

  const ClientOptions options_;
  MultiLoop loop_;
  std::thread thread_;

  std::mutex mutex_;  // guards the inbox: what other threads hand over
  std::vector<std::unique_ptr<Entry>> incoming_;
  std::vector<Release> releases_;
  std::vector<Ticket> cancels_;
  std::vector<NameAnswer> names_;
  Ticket last_ticket_ = 0;
  bool is_stopping_ = false;

  // From here on the thread's own.
  std::unordered_map<Ticket, std::unique_ptr<Entry>> entries_;
  std::unordered_map<std::string, Origin> origins_;
  std::list<Origin*> ready_;  // takes turns, so that one busy origin does not keep others out
  Times early_;               // whose time to begin has not come
  Times deadlines_;
  std::vector<CURL*> idle_;
  int active_ = 0;
  std::size_t cancellable_ = 0;  // how many entries have a cancelled function
  SteadyTime next_look_{};
  NameFailures name_failures_;
};

}  // namespace observerd::common
