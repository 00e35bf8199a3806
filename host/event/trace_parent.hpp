#pragma once

#include <string>
#include <string_view>

namespace observerd {

/// A `traceparent` as W3C Trace Context (Recommendation of 2021, section 3.2) lets it be passed on;
/// "" when the text is none, which is then to be ignored (section 4.3). Of a version above 00 only
/// what version 00 knows is kept.
///
/// observerd sends no spans of its own, so the parent stays the writer's: a made-up one would be a
/// parent that no trace ever shows.
std::string valid_trace_parent(std::string_view text);

/// The trace's id, 32 hex digits, of what valid_trace_parent gave; "" of "".
std::string_view trace_id(std::string_view trace_parent);

}  // namespace observerd
