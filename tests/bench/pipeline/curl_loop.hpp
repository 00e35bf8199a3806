#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace observerd::bench {

/// POSTs `count` times over `connections` kept-alive connections with one libcurl multi handle and
/// nothing else: what sending costs when nobody keeps account of it. The bodies take turns;
/// `type` is their Content-Type. Exits with a message when an answer is not 2xx.
void post_with_bare_libcurl(const std::string& url, const std::vector<std::string>& bodies,
                            std::size_t count, std::size_t connections,
                            const std::string& type = "application/json");

}  // namespace observerd::bench
