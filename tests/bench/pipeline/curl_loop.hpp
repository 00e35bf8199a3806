#pragma once

#include <cstddef>
#include <string>

namespace observerd::bench {

/// POSTs `body` `count` times over `connections` kept-alive connections with one libcurl multi
/// handle and nothing else: what sending webhooks costs when nobody keeps account of them. Exits
/// with a message when an answer is not 2xx.
void post_with_bare_libcurl(const std::string& url, const std::string& body, std::size_t count,
                            std::size_t connections);

}  // namespace observerd::bench
