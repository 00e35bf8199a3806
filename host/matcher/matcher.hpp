#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "condition/condition.hpp"
#include "event/event.hpp"

namespace observerd::matcher {

/// What the matcher needs to know of an observer.
struct Rule {
  std::string entity;            ///< "*" for all
  std::vector<EventKind> kinds;  ///< empty for all
  condition::Condition condition;
  bool enabled = true;    ///< a disabled one never fires
  std::size_t index = 0;  ///< what match() gives: the caller's number of the observer
};

/// An observer that did not fire because its condition came to no answer.
struct Undecided {
  std::size_t index = 0;
  const condition::Condition* condition = nullptr;  ///< the matcher's own

  /// Why, OB004. Evaluates again: on the hot path errors are counted, and only now and then told.
  Status status(const Event& event) const { return condition->evaluate(event).error; }
};

/// Finds the observers that an event fires. Immutable once built, safe to use from many threads; a
/// changed configuration is a new matcher.
///
/// Candidates are found by (entity, kind). What fires is what Condition::test() says: an index over
/// predicates may exclude candidates earlier, behind this same interface, but never changes the
/// answer.
class Matcher {
 public:
  /// The order of the rules is the order of the configuration.
  explicit Matcher(std::span<const Rule> rules);
  // Undecided points into the matcher.
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  /// Appends to `fired` the index of each observer that fires, in the order of the configuration,
  /// and to `undecided` (unless it is null) each candidate whose condition was an error. The
  /// vectors are the caller's, so that they can be used again without allocating.
  void match(const Event& event, std::vector<std::size_t>& fired,
             std::vector<Undecided>* undecided = nullptr) const;

  /// How many enabled observers look at this entity and kind: what match() will evaluate.
  std::size_t candidates(std::string_view entity, EventKind kind) const;

 private:
  /// Positions in entries_, ascending.
  using Postings = std::vector<std::uint32_t>;
  using ByKind = std::array<Postings, 4>;
  struct Entry {
    condition::Condition condition;
    std::size_t index = 0;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };

  const Postings& of_entity(std::string_view entity, EventKind kind) const;

  std::vector<Entry> entries_;
  std::unordered_map<std::string, ByKind, TextHash, std::equal_to<>> by_entity_;
  ByKind any_entity_;
};

}  // namespace observerd::matcher
