#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "condition/condition.hpp"
#include "event/event.hpp"

namespace observerd::matcher {

/// What the matcher needs to know of an observer. Nothing of it is needed once the matcher is
/// built.
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
  std::string_view condition;  ///< its text; the matcher's own

  /// Why, OB004. Reads the condition again and evaluates it: on the hot path errors are counted,
  /// and only now and then told.
  Status status(const Event& event) const;
};

/// A path that conditions read and rows did not have: where it is missing in all of them, it is
/// misspelt.
struct MissingPath {
  std::string entity;  ///< "*" for entities that only observers of all entities look at
  std::string path;
  std::uint64_t missing = 0;  ///< rows without it
  std::uint64_t events = 0;   ///< events that were looked at and whose kind has such a row
};

/// Finds the observers that an event fires. Immutable once built, safe to use from many threads; a
/// changed configuration is a new matcher.
///
/// What fires is exactly what Condition::test() says. Observers stand in partitions by entity and
/// kind, and in them under what their conditions require (Partition): what cannot fire is mostly
/// not looked at. So errors are told of conditions that were evaluated; and, whenever the number of
/// times that a path was missing (or was no number and was compared with some) gets to a power of
/// two, of the first conditions that read it.
class Matcher {
 public:
  /// Working memory of one thread, used again from event to event.
  class Scratch;

  /// The order of the rules is the order of the configuration.
  explicit Matcher(std::span<const Rule> rules);
  ~Matcher();
  // Undecided points into the matcher.
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  /// Appends to `fired` the index of each observer that fires, in the order of the configuration,
  /// and to `undecided` (unless it is null) those whose condition was an error, as said above.
  /// The vectors are the caller's, so that they can be used again without allocating.
  void match(const Event& event, std::vector<std::size_t>& fired,
             std::vector<Undecided>* undecided = nullptr) const;
  /// The same with the caller's working memory instead of the matcher's: saves a lock.
  void match(const Event& event, Scratch& scratch, std::vector<std::size_t>& fired,
             std::vector<Undecided>* undecided = nullptr) const;

  /// How many enabled observers look at this entity and kind.
  std::size_t candidates(std::string_view entity, EventKind kind) const;
  /// Paths that were missing at least once, by entity and path. Counted since the matcher was
  /// built.
  std::vector<MissingPath> missing_paths() const;

 private:
  struct EntityIndex;
  struct Entry {
    std::string condition;
    std::array<bool, 4> kinds{};
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };

  const EntityIndex* of_entity(std::string_view entity) const;
  /// Adds the undecided among those that read the paths.
  void add_readers(const EntityIndex& index, const std::vector<std::uint32_t>& slots,
                   const Event& event, std::vector<std::uint32_t>& undecided) const;
  std::unique_ptr<Scratch> borrow() const;
  void give_back(std::unique_ptr<Scratch> scratch) const;

  // By position, the order of the configuration without what is disabled. What firing needs is
  // apart from what only errors need: it stays in the processor's cache.
  std::vector<std::size_t> indices_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::unique_ptr<EntityIndex>, TextHash, std::equal_to<>>
      by_entity_;
  std::unique_ptr<EntityIndex> any_entity_;

  mutable std::mutex spare_mutex_;
  mutable std::vector<std::unique_ptr<Scratch>> spare_;
};

}  // namespace observerd::matcher
