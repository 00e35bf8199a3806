#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/client_module.hpp"
#include "common/http_metrics.hpp"
#include "common/wire_request.hpp"
#include "observerd/plugin.hpp"

namespace observerd::common {

struct Next;

/// A request, and what its answer means. The meaning is asked on the client's thread.
struct Step {
  Request request;
  std::function<Next(const Response& response)> meaning;
  SteadyTime not_before{};  ///< waits until then; a wait blocks nothing
};

/// The request was refused for what it holds in all, or for one of its parts: each half goes again
/// by itself. A part that is alone has this result.
struct Split {
  sdk::Result alone;
};

/// What follows from an answer: a result for each part, in their order; halves; another request
/// first (the next server of several, or the question what became of a task).
struct Next {
  std::variant<std::vector<sdk::Result>, Split, Step> what;
};

/// The same result for so many parts.
inline Next for_all(std::size_t count, const sdk::Result& result) {
  return {std::vector<sdk::Result>(count, result)};
}

/// A module of which one request speaks for several items. A derived class makes a Part of each
/// item; those with the same `group` go together as long as their `bytes` keep to a limit. One bad
/// part harms no other: Split finds it. Asynchronous, as HttpModule is.
///
/// `Part` has the members `std::string group` and `std::size_t bytes`.
template <typename Part>
class BulkModule : public ClientModule {
 public:
  void deliver_batch(sdk::Batch& batch) final {
    HttpClient* const client = this->client();
    if (client == nullptr) {
      report_no_client(batch);
      return;
    }
    std::vector<std::shared_ptr<Group>> groups;
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
      const sdk::Item item = batch[i];
      auto prepared = prepare(item);
      if (const auto* refused = std::get_if<sdk::Result>(&prepared)) {
        batch.report(i, *refused);
        continue;
      }
      Group& group = group_for(std::get<Part>(prepared), groups, item);
      group.bytes += std::get<Part>(prepared).bytes;
      group.parts->push_back(std::get<Part>(std::move(prepared)));
      group.deliveries.push_back(batch.take(i));
    }
    for (const auto& group : groups) {
      group->client = client;
      send(group, first_step(group->parts));
    }
  }

  /// The request to the letter, as if the item were alone.
  void preview(const sdk::Item& item, sdk::Preview& preview) final {
    auto prepared = prepare(item);
    if (const auto* refused = std::get_if<sdk::Result>(&prepared)) {
      preview.write(refused->code + ": " + refused->message);
      return;
    }
    auto parts = std::make_shared<Parts>();
    parts->push_back(std::get<Part>(std::move(prepared)));
    preview.write(request_text(first_step(parts).request, settings().client.user_agent));
  }

 protected:
  using Parts = std::vector<Part>;

  /// `settings` as those of ClientModule. A group's parts have at most `most_bytes` in all, but one
  /// part alone may have more.
  BulkModule(sdk::Host host, const json::Value& settings, std::size_t most_bytes,
             sdk::Errors& errors)
      : ClientModule(host, settings, errors), most_bytes_(most_bytes) {}

  /// What an item adds to a request, or why nothing. Changes nothing; called by several threads at
  /// a time when a preview is asked for.
  virtual std::variant<Part, sdk::Result> prepare(const sdk::Item& item) const = 0;
  /// The request for parts of one group, at least one.
  virtual Step first_step(const std::shared_ptr<const Parts>& parts) const = 0;

 private:
  struct Group {
    HttpClient* client = nullptr;  // not asked for again: stop() holds its lock until all is over
    std::shared_ptr<Parts> parts = std::make_shared<Parts>();
    std::vector<sdk::Delivery> deliveries = {};  // one for each part
    SteadyTime deadline{};
    std::size_t bytes = 0;
  };

  Group& group_for(const Part& part, std::vector<std::shared_ptr<Group>>& groups,
                   const sdk::Item& item) const {
    for (auto group = groups.rbegin(); group != groups.rend(); ++group) {
      if ((*group)->parts->front().group != part.group) continue;
      if ((*group)->bytes + part.bytes <= most_bytes_) return **group;
      break;  // full: what comes later goes behind it
    }
    groups.push_back(std::make_shared<Group>());
    groups.back()->deadline = earliest(item.deadline());
    return *groups.back();
  }

  void send(const std::shared_ptr<Group>& group, Step step) {
    step.request.cancelled = [group] { return group->deliveries.front().cancelled(); };
    HttpClient::Job job{std::move(step.request), group->deadline,
                        [this, group, meaning = std::move(step.meaning)](const Response& response) {
                          count_request(host(), response);
                          follow(group, meaning(response));
                        },
                        step.not_before};
    std::vector<HttpClient::Job> jobs;
    jobs.push_back(std::move(job));
    group->client->submit(std::move(jobs));
  }

  void follow(const std::shared_ptr<Group>& group, Next next) {
    if (auto* step = std::get_if<Step>(&next.what)) {
      send(group, std::move(*step));
    } else if (const auto* split = std::get_if<Split>(&next.what)) {
      if (group->parts->size() == 1) return group->deliveries.front().report(split->alone);
      for (const auto& half : halves(*group)) send(half, first_step(half->parts));
    } else {
      const auto& results = std::get<std::vector<sdk::Result>>(next.what);
      for (std::size_t i = 0; i < group->deliveries.size() && i < results.size(); ++i) {
        group->deliveries[i].report(results[i]);
      }
    }
  }

  static std::vector<std::shared_ptr<Group>> halves(Group& whole) {
    std::vector<std::shared_ptr<Group>> out;
    const auto middle = static_cast<std::ptrdiff_t>(whole.parts->size() / 2);
    const auto add = [&](std::ptrdiff_t first, std::ptrdiff_t last) {
      auto half = std::make_shared<Group>();
      half->client = whole.client;
      half->deadline = whole.deadline;
      half->parts->assign(whole.parts->begin() + first, whole.parts->begin() + last);
      half->deliveries.assign(std::make_move_iterator(whole.deliveries.begin() + first),
                              std::make_move_iterator(whole.deliveries.begin() + last));
      out.push_back(std::move(half));
    };
    add(0, middle);
    add(middle, static_cast<std::ptrdiff_t>(whole.parts->size()));
    return out;
  }

  const std::size_t most_bytes_;
};

}  // namespace observerd::common
