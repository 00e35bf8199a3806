#include <functional>

#include "check/session.hpp"
#include "check/sink_doubles.hpp"
#include "check/test_functions.hpp"

namespace observerd::check {
namespace {

using Clock = std::chrono::steady_clock;

std::string excerpt(const std::string& text) {
  return printable(text, 120);
}

/// What open and bind make of any settings, good or bad: they may accept or refuse them.
class Mill {
 public:
  Mill(Trial& trial, const plugin::ActionType& type, bool judges_words)
      : trial_(trial),
        type_(type),
        judges_words_(judges_words),
        memory_({}),
        host_(memory_, faults_) {}

  /// Opens and closes again.
  void open(const std::string& text, const std::string& about) {
    ErrorsDouble errors(memory_);
    observerd_module* module = open_raw(text, errors, about);
    judge(module != nullptr, errors, "open", about);
    if (module != nullptr) close(module);
  }

  /// Binds to a module of good settings and unbinds again.
  void bind(observerd_module* module, const std::string& text, const std::string& about) {
    ErrorsDouble errors(memory_);
    BindingDouble binding(memory_, faults_);
    observerd_action* action = nullptr;
    const bool calm = call(trial_, type_, "bind with " + about + ", " + excerpt(text), [&] {
      action = type_.table->bind(module, memory_.text(text), errors.raw(), binding.raw());
    });
    if (calm) judge(action != nullptr, errors, "bind", about);
    if (action != nullptr) {
      call(trial_, type_, "unbind", [&] { type_.table->unbind(module, action); });
    }
  }

  observerd_module* open_good(const std::string& text) {
    ErrorsDouble errors(memory_);
    return open_raw(text, errors, "good settings");
  }
  void close(observerd_module* module) {
    call(trial_, type_, "close", [&] { type_.table->close(module); });
  }

 private:
  observerd_module* open_raw(const std::string& text, const ErrorsDouble& errors,
                             const std::string& about) {
    observerd_module* module = nullptr;
    threw_ = !call(trial_, type_, "open with " + about + ", " + excerpt(text), [&] {
      module = type_.table->open(host_.raw(), memory_.text(text), errors.raw());
    });
    return module;
  }

  void judge(bool accepted, const ErrorsDouble& errors, const std::string& function,
             const std::string& about) {
    if (!judges_words_) return;
    const std::string prefix = "type \"" + type_.type + "\": " + function + " with " + about + ": ";
    for (const std::string& fault : errors.faults().all()) trial_.finding.fail(prefix + fault);
    if (!accepted && !threw_ && errors.count() == 0) {
      trial_.finding.fail(prefix + "returned NULL without saying why");
    }
    threw_ = false;
  }

  Trial& trial_;
  const plugin::ActionType& type_;
  const bool judges_words_;  ///< else all that is asked is to survive
  Faults faults_;
  GuardedMemory memory_;
  HostDouble host_;
  bool threw_ = false;  // what is missing then is not the plugin's silence
};

using Texts = std::vector<BadSettings>;
using MakeTexts = std::function<Texts(const json::Value& good, const json::Value& schema)>;

/// Runs all texts made for module and action of each type.
void grind(Trial& trial, bool judges_words, const MakeTexts& make) {
  for (const plugin::ActionType& type : trial.types()) {
    const std::vector<TrialSettings> good = good_settings(type, trial.given);
    std::string refusal;
    const auto accepted = Session::accepted(trial, type, refusal);
    if (!accepted) return trial.finding.fail(refusal);
    const auto until = Clock::now() + trial.times.loop;
    const auto in_time = [&] { return Clock::now() < until; };
    for (const BadSettings& bad : make(accepted->module, type.module_schema)) {
      // A new one each time: the memory of what was passed lasts as long as the mill.
      if (in_time()) Mill(trial, type, judges_words).open(bad.text, bad.pointer);
    }
    Mill mill(trial, type, judges_words);
    observerd_module* module = mill.open_good(json::write(accepted->module));
    if (module == nullptr) continue;
    const auto later = Clock::now() + trial.times.loop;
    for (const BadSettings& bad : make(accepted->action, type.action_schema)) {
      if (Clock::now() < later) mill.bind(module, bad.text, bad.pointer);
    }
    mill.close(module);
  }
}

Texts unnamed(const std::vector<std::string>& texts, const char* about) {
  Texts all;
  for (const std::string& text : texts) all.push_back({about, text});
  return all;
}

}  // namespace

void test_opens_and_binds(Trial& trial) {
  for (const plugin::ActionType& type : trial.types()) {
    Session::open(trial, type);
  }
}

void test_bad_settings(Trial& trial) {
  grind(trial, true, [](const json::Value& good, const json::Value& schema) {
    Texts all = bad_settings(good, schema);
    for (BadSettings& bad : all) bad.pointer = "a bad " + bad.pointer;
    return all;
  });
}

void test_random_settings(Trial& trial) {
  grind(trial, false, [](const json::Value& good, const json::Value&) {
    return unnamed(random_settings(json::write(good)), "random settings");
  });
}

void test_huge_settings(Trial& trial) {
  grind(trial, false, [](const json::Value& good, const json::Value&) {
    return unnamed(huge_settings(good), "huge settings");
  });
}

}  // namespace observerd::check
