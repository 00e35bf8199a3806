#include "cache/redis_rounds.hpp"

#include <utility>

#include "cache/glob.hpp"
#include "cache/slots.hpp"

namespace observerd::cache {
namespace {

constexpr const char* kFirst = "0";  // the cursor that begins a walk, and that ends it
constexpr const char* kKeysLooked = "1000";
constexpr const char* kEntriesLooked = "500";

/// The reply to SCAN and SSCAN: a cursor and what was found.
struct Portion {
  std::string cursor;
  std::vector<std::string> found;
};

std::optional<Portion> portion_of(const Reply& reply) {
  if (reply.items.size() != 2 || reply.items[0].type != Reply::Type::Text ||
      reply.items[1].type != Reply::Type::List) {
    return std::nullopt;
  }
  Portion portion{reply.items[0].text, {}};
  for (const Reply& item : reply.items[1].items) portion.found.push_back(item.text);
  return portion;
}

/// What patterns and tags have in common: found keys are counted against the limit.
class Walk : public Task {
 protected:
  explicit Walk(const TaskContext& context)
      : is_cluster_(context.is_cluster), limit_(context.settings.scan_limit) {}

  /// nullopt when the walk cannot go on; failure() says why.
  std::optional<Portion> read_portion(const Answer& answer) {
    const Reply* reply = reply_of(answer);
    if (reply == nullptr) return std::nullopt;
    auto portion = portion_of(*reply);
    if (!portion) {
      fail(sdk::retry("malformed_answer", "Redis answers SCAN with something else"));
      return std::nullopt;
    }
    found_ += portion->found.size();
    if (found_ <= limit_) return portion;
    fail(
        sdk::rejected("cache_scan_limit",
                      "more than " + std::to_string(limit_) +
                          " keys match; name fewer, or raise scan_limit in the module's settings"));
    return std::nullopt;
  }

  /// Adds the counts of UNLINK.
  void count_removed(const Answer& answer) {
    const Reply* reply = reply_of(answer);
    if (reply != nullptr) add_keys(keys_done(*reply));
  }

  const bool is_cluster_;

 private:
  const std::size_t limit_;
  std::size_t found_ = 0;
};

class PatternTask final : public Walk {
 public:
  PatternTask(const TaskContext& context, const std::string& pattern)
      : Walk(context), pattern_(prefixed_pattern(context.settings, pattern)) {
    for (const Endpoint& node : context.masters) walks_.push_back({node, kFirst});
  }

  bool is_over() const override { return failure() || (walks_.empty() && found_.empty()); }

  std::vector<Command> ask() override {
    std::vector<Command> commands;
    add_unlink(std::exchange(found_, {}), is_cluster_, commands);
    scans_from_ = commands.size();
    for (const auto& [node, cursor] : walks_) {
      commands.push_back({scan_words(cursor, pattern_), -1, node});
    }
    return commands;
  }

  void take(std::vector<Answer> answers) override {
    for (std::size_t i = 0; i < scans_from_; ++i) count_removed(answers[i]);
    std::vector<std::pair<Endpoint, std::string>> left;
    for (std::size_t i = scans_from_; i < answers.size(); ++i) {
      auto portion = read_portion(answers[i]);
      if (!portion) return;
      found_.insert(found_.end(), std::make_move_iterator(portion->found.begin()),
                    std::make_move_iterator(portion->found.end()));
      if (portion->cursor != kFirst) {
        left.emplace_back(walks_[i - scans_from_].first, std::move(portion->cursor));
      }
    }
    walks_ = std::move(left);
  }

 private:
  const std::string pattern_;
  std::vector<std::pair<Endpoint, std::string>> walks_;  ///< node and cursor
  std::vector<std::string> found_;
  std::size_t scans_from_ = 0;
};

class TagTask final : public Walk {
 public:
  TagTask(const TaskContext& context, const std::string& tag)
      : Walk(context), key_(context.settings.tag(tag)) {}

  bool is_over() const override { return failure() || (step_ == Step::Look && is_last_); }

  std::vector<Command> ask() override {
    switch (step_) {
      case Step::Look:
        return {on_set(set_scan_words(key_, cursor_))};
      case Step::Remove:
        return is_cluster_ ? removal() : transaction();
      case Step::Forget:
        return {on_set(forget_words())};
      case Step::RemoveAgain:
        return removal();
    }
    return {};
  }

  void take(std::vector<Answer> answers) override {
    switch (step_) {
      case Step::Look:
        return look(answers.front());
      case Step::Remove:
        if (is_cluster_) {
          for (const Answer& answer : answers) count_removed(answer);
          step_ = Step::Forget;
        } else {
          take_transaction(answers);
          step_ = Step::Look;
        }
        return;
      case Step::Forget:
        reply_of(answers.front());
        step_ = Step::RemoveAgain;
        return;
      case Step::RemoveAgain:
        for (const Answer& answer : answers) count_removed(answer);
        step_ = Step::Look;
        return;
    }
  }

 private:
  enum class Step : unsigned char { Look, Remove, Forget, RemoveAgain };

  Command on_set(std::vector<std::string> words) const {
    return {std::move(words), slot_of(key_), {}};
  }
  std::vector<std::string> forget_words() const {
    std::vector<std::string> words = {"SREM", key_};
    words.insert(words.end(), found_.begin(), found_.end());
    return words;
  }
  std::vector<Command> removal() const {
    std::vector<Command> commands;
    add_unlink(found_, true, commands);
    return commands;
  }
  std::vector<Command> transaction() const {
    std::vector<Command> commands = {{{"MULTI"}, -1, {}}};
    add_unlink(found_, false, commands);
    commands.push_back(on_set(forget_words()));
    commands.push_back({{"EXEC"}, -1, {}});
    return commands;
  }

  void look(const Answer& answer) {
    auto portion = read_portion(answer);
    if (!portion) return;
    cursor_ = std::move(portion->cursor);
    is_last_ = cursor_ == kFirst;
    found_ = std::move(portion->found);
    if (!found_.empty()) step_ = Step::Remove;
  }

  /// MULTI, UNLINK, SREM, EXEC: the last answer lists what the two in the middle did.
  void take_transaction(const std::vector<Answer>& answers) {
    for (const Answer& answer : answers) {
      if (reply_of(answer) == nullptr) return;
    }
    const std::vector<Reply>& done = std::get<Reply>(answers.back()).items;
    for (const Reply& reply : done) {
      if (reply_of(Answer(reply)) == nullptr) return;
    }
    if (!done.empty()) add_keys(keys_done(done.front()));
  }

  const std::string key_;
  Step step_ = Step::Look;
  std::string cursor_ = kFirst;
  bool is_last_ = false;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> scan_words(const std::string& cursor, const std::string& pattern) {
  return {"SCAN", cursor, "MATCH", pattern, "COUNT", kKeysLooked};
}

std::vector<std::string> set_scan_words(const std::string& key, const std::string& cursor) {
  return {"SSCAN", key, cursor, "COUNT", kEntriesLooked};
}

std::string prefixed_pattern(const StoreSettings& settings, const std::string& pattern) {
  return escape_glob(settings.key_prefix) + pattern;
}

std::unique_ptr<Task> make_pattern_task(const TaskContext& context, const std::string& pattern) {
  return std::make_unique<PatternTask>(context, pattern);
}

std::unique_ptr<Task> make_tag_task(const TaskContext& context, const std::string& tag) {
  return std::make_unique<TagTask>(context, tag);
}

}  // namespace observerd::cache
