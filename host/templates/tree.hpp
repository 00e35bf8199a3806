#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/strings.hpp"
#include "event/path.hpp"

namespace observerd::templates {

// What keeps a template, and the data it meets, from eating the host.
inline constexpr std::size_t kMaxTemplateBytes = 1U << 20;
inline constexpr std::size_t kMaxOutputBytes = 16U << 20;
inline constexpr int kMaxSectionDepth = 64;
inline constexpr std::size_t kMaxFilters = 16;
/// Tags, texts and rounds of sections visited by one rendering. Sections over one list inside each
/// other multiply without writing a byte, so a limit on the output is not enough.
inline constexpr int kMaxSteps = 4'000'000;

/// What a tag names.
struct Reference {
  enum class Source : unsigned char { Path, Current, ObserverName, DeliveryId, Attempt };

  Source source = Source::Path;
  FieldPath path;    ///< of Path
  std::string text;  ///< as written, for messages

  bool same_as(const Reference& other) const {
    return source == other.source && path == other.path;
  }
};

/// One filter of a tag, its argument checked when the template was parsed.
struct Filter {
  enum class Kind : unsigned char {
    Number,
    Default,
    Upper,
    Lower,
    Trim,
    Truncate,
    Json,
    Date,
    UrlEncode,
    First,
    Last,
    Join,
    Length
  };

  Kind kind = Kind::Upper;
  json::Value argument;   ///< of Default, Date and Join
  std::size_t count = 0;  ///< of Number and Truncate
};

/// One part of a template. Comments and the white space of standalone lines are gone by now.
struct Node {
  enum class Kind : unsigned char { Root, Text, Value, Section, Inverted };

  Kind kind = Kind::Root;
  std::string text;             ///< of Text
  Reference reference;          ///< of Value, Section and Inverted
  std::vector<Filter> filters;  ///< of Value
  bool escaped = true;          ///< of Value: false for {{{ }}} and {{& }}
  LineColumn place;             ///< where its tag was written
  std::vector<Node> children;   ///< of Root, Section and Inverted
};

}  // namespace observerd::templates
