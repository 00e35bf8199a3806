#pragma once

#include "app/stored.hpp"

/// The half of `dlq` that changes something; the other half reads (dlq_command.cpp).
namespace observerd::app {

int dlq_retry(const Invocation& invocation);
int dlq_discard(const Invocation& invocation);
int dlq_purge(const Invocation& invocation);

/// The filters that lists and changes of dead letters share.
const std::vector<Option>& dead_letter_filters();

}  // namespace observerd::app
