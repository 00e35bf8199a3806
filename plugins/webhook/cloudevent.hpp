#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.hpp"
#include "common/headers.hpp"
#include "observerd/sdk/batch.hpp"

/// CloudEvents 1.0 (cloudevents/spec, spec.md) and its HTTP binding.
namespace observerd::webhook {

/// Attributes of one CloudEvent in the order sent, names as in the specification. `datacontenttype`
/// is not among them: it is a header of its own in binary mode.
using Attributes = std::vector<std::pair<std::string, std::string>>;

/// What an action says about its events; rendered. Empty members have defaults.
struct CloudEventNames {
  std::string source;  ///< a URI reference; default /observerd/ENTITY
  std::string type;    ///< default: the event's type, "Order.update"
};

/// specversion, id, source, type, subject (the entity's key), time (of the change), and the
/// extensions sequence (a later change of an entity has a larger one, compared as text) and
/// traceparent. The id is the delivery's: the same over all attempts, and another one where two
/// actions send different bodies for one change. The error says which attribute cannot be had.
Result<Attributes> cloudevent_attributes(const sdk::Item& item, const CloudEventNames& names);

/// Binary mode (HTTP binding 3.1): "ce-" headers, values percent-encoded as 3.1.3.2 says.
void add_attribute_headers(const Attributes& attributes, common::Headers& headers);
std::string attribute_header_value(std::string_view value);

/// Structured mode (JSON format 3): one object that holds the attributes and the data: JSON as it
/// is, to the byte, text as a string, nothing for an empty body. The error: `body` is said to be
/// JSON and is not.
Result<std::string> structured_cloudevent(const Attributes& attributes,
                                          const std::string& content_type, const std::string& body);
inline constexpr const char* kStructuredContentType = "application/cloudevents+json; charset=utf-8";

/// True for application/json, text/json and +json types (RFC 6839), parameters aside.
bool is_json_type(std::string_view content_type);

/// False when a value holds what an attribute may not: nothing, or control characters.
bool is_attribute_value(std::string_view value);

}  // namespace observerd::webhook
