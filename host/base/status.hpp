#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace observerd {

/// The public error numbers, printed as OB001 … OB020. Users search for them: never renumber.
enum class Code : std::uint8_t {
  Ok = 0,
  Configuration = 1,
  NoMatch = 2,
  ConditionSyntax = 3,
  ConditionEvaluation = 4,
  ActionSettings = 5,
  ActionFailed = 6,
  ActionFailedForGood = 7,
  Template = 8,
  Database = 9,
  Listener = 10,
  Overflow = 11,
  DeadLetterQueue = 12,
  RetriesExhausted = 13,
  UnknownActionType = 14,
  CircuitOpen = 15,
  PluginLoad = 16,
  PluginMisbehaved = 17,
  LeaseLost = 18,
  Storage = 19,
  BadEvent = 20,
};

/// "OB005"; "OB000" for Ok.
std::string code_name(Code code);

/// Where a problem is: any part may be missing. Lines and columns count from 1, columns in bytes;
/// `pointer` is an RFC 6901 JSON pointer.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
  std::string pointer;

  bool empty() const { return file.empty() && line == 0 && pointer.empty(); }
  /// "FILE:LINE:COL /pointer", leaving out what is missing.
  std::string to_string() const;
};

/// What a function that can fail in normal life returns. A value type: cheap when ok, safe to copy
/// between threads. The message is one sentence for a person; notes are further lines (a caret,
/// a hint) printed indented below it.
class [[nodiscard]] Status {
 public:
  Status() = default;
  static Status error(Code code, std::string message) {
    Status status;
    status.code_ = code;
    status.message_ = std::move(message);
    return status;
  }

  bool ok() const { return code_ == Code::Ok; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }
  const Place& place() const { return place_; }
  const std::vector<std::string>& notes() const { return notes_; }

  Status& at(Place place) & {
    place_ = std::move(place);
    return *this;
  }
  Status&& at(Place place) && { return std::move(at(std::move(place))); }
  Status& note(std::string line) & {
    notes_.push_back(std::move(line));
    return *this;
  }
  Status&& note(std::string line) && { return std::move(note(std::move(line))); }
  /// Says what was being done: "context: message".
  Status& context(std::string_view what) & {
    message_ = std::string(what) + ": " + message_;
    return *this;
  }
  Status&& context(std::string_view what) && { return std::move(context(what)); }

  /// "OB001 FILE:LINE:COL /pointer: sentence", then each note on a line of its own, indented by
  /// four spaces. No newline at the end.
  std::string to_string() const;

 private:
  Code code_ = Code::Ok;
  std::string message_;
  Place place_;
  std::vector<std::string> notes_;
};

/// A value or the reason why there is none. Asking for the value of an error is a programming
/// error (std::bad_variant_access).
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}         // NOLINT(google-explicit-constructor)
  Result(Status status) : state_(std::move(status)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }
  T& value() & { return std::get<T>(state_); }
  const T& value() const& { return std::get<T>(state_); }
  T&& value() && { return std::get<T>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  /// The error; an ok Status when there is a value.
  Status status() const { return ok() ? Status() : std::get<Status>(state_); }

 private:
  std::variant<T, Status> state_;
};

/// Collects every problem of one run, so that a user sees all of them at once.
class Diagnostics {
 public:
  void add(Status status) { errors_.push_back(std::move(status)); }
  /// A finding that does not make the input unusable.
  void warn(Status status) { warnings_.push_back(std::move(status)); }
  bool ok() const { return errors_.empty(); }
  const std::vector<Status>& errors() const { return errors_; }
  const std::vector<Status>& warnings() const { return warnings_; }
  void append(const Diagnostics& other) {
    errors_.insert(errors_.end(), other.errors_.begin(), other.errors_.end());
    warnings_.insert(warnings_.end(), other.warnings_.begin(), other.warnings_.end());
  }

 private:
  std::vector<Status> errors_;
  std::vector<Status> warnings_;
};

}  // namespace observerd
