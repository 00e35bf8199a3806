#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/status.hpp"
#include "config/load.hpp"

namespace observerd::config {

class Recorder;

/// What every part of the reader needs.
struct Reading {
  const Sources& sources;
  const Environment& environment;
  Diagnostics& diagnostics;
  /// False when a file could not be read: what seems missing may stand there.
  bool complete = true;
  /// Told of each setting that is asked for, where somebody wants to know; else nullptr.
  Recorder* recorder = nullptr;
  /// The members of the document whose references are followed; nullptr: all.
  const std::vector<std::string>* used = nullptr;

  void problem(const json::Value& near_value, const std::string& pointer,
               std::string sentence) const;
  /// The same of a reference that `found` could not follow.
  void problem(const json::Value& near_value, const std::string& pointer,
               const Status& found) const;
  /// Whether references at the pointer are followed. Where not, they read as absent.
  bool follows(std::string_view pointer) const;
  /// A string or a reference to one.
  std::optional<std::string> text(const json::Value& value, const std::string& pointer) const;
};

/// One word of a list of choices and what it stands for.
template <typename T>
struct Choice {
  std::string_view word;
  T value;
};

/// An element of an array of strings, resolved.
struct TextItem {
  std::string text;
  const json::Value* written = nullptr;
  std::string pointer;
};

/// One object of the configuration while it is read. Each getter takes one member out and reports
/// what is wrong with it; finish() reports the members nobody asked for. So the code that reads a
/// setting is the only list of settings there is. An absent object reads as an empty one.
class Section {
 public:
  /// `parent` is where a problem is shown that concerns an absent object.
  Section(const Reading& reading, const json::Value* value, const json::Value& parent,
          std::string pointer);

  /// False when there is no object: nothing should be said to be missing in it.
  bool present() const { return object_ != nullptr; }
  const std::string& pointer() const { return pointer_; }
  std::string pointer_to(std::string_view name) const;
  Place place() const;

  const json::Value* member(std::string_view name);
  /// Says for the recorder that the member must be there; whoever asks for it reports that.
  void must_have(std::string_view name) const;
  /// The member as an object or array; another type is a problem and reads as absent.
  const json::Value* object(std::string_view name);
  const json::Value* array(std::string_view name);

  std::optional<std::string> string(std::string_view name);
  /// A string that must be there and not be empty: "" when it is not, which is reported.
  std::string required_string(std::string_view name);
  std::optional<bool> boolean(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<double> number(std::string_view name, double least, double most);
  std::optional<Milliseconds> duration(std::string_view name, Milliseconds least,
                                       Milliseconds most);
  std::optional<RateSettings> rate(std::string_view name);
  std::optional<std::int64_t> bytes(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<std::vector<TextItem>> strings(std::string_view name);

  template <typename T, std::size_t N>
  std::optional<T> choice(std::string_view name, const Choice<T> (&choices)[N]) {
    std::vector<std::string> words;
    for (const Choice<T>& choice : choices) words.emplace_back(choice.word);
    const std::optional<std::size_t> index = choose(name, words);
    if (!index) return std::nullopt;
    return choices[*index].value;
  }

  /// Reports a problem of one member, at its value.
  void problem(std::string_view name, std::string sentence);
  /// Reports every member that nobody has asked for.
  void finish();
  /// The members that nobody has asked for. For an action, whose type has settings of its own.
  json::Value rest();

 private:
  /// The member as `name` or `name_env`.
  const json::Value* written(std::string_view name) const;
  std::optional<std::size_t> choose(std::string_view name, const std::vector<std::string>& words);
  bool is_taken(std::string_view name) const;
  /// Tells the recorder, if there is one, what kind of value is asked for.
  void record(std::string_view name, std::initializer_list<json::Member> keywords) const;
  void record_text(std::string_view name, std::initializer_list<json::Member> keywords) const;

  const Reading& reading_;
  const json::Value* object_ = nullptr;
  const json::Value* near_;
  std::string pointer_;
  std::vector<std::string> taken_;
  std::vector<std::string> texts_;  ///< those that have a short form `x_env`
};

/// Counts the elements of an array that was appended together from several files, from 0 for each
/// file. Ask for each element once, in order.
class IndexInFile {
 public:
  std::size_t next(const json::Value& item) {
    if (item.origin().source != source_) index_ = 0;
    source_ = item.origin().source;
    return index_++;
  }

 private:
  std::uint32_t source_ = 0;
  std::size_t index_ = 0;
};

}  // namespace observerd::config
