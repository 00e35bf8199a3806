#pragma once

#include <string_view>

#include "observerd/plugin.hpp"

namespace observerd::cache {

/// What an error of Redis means, by its first word, which in lower case after `redis_` is the code:
///
/// | words | outcome |
/// |---|---|
/// | LOADING BUSY TRYAGAIN CLUSTERDOWN MASTERDOWN READONLY MISCONF OOM NOREPLICAS | RETRY |
/// | ERR max number of clients reached | RETRY `redis_max_clients` |
/// | NOAUTH WRONGPASS NOPERM DENIED | MISCONFIGURED |
/// | MOVED ASK CROSSSLOT | MISCONFIGURED: it is a cluster, and the settings do not say so |
/// | ERR unknown command | MISCONFIGURED `redis_unknown_command` |
/// | WRONGTYPE ERR EXECABORT | REJECTED |
/// | any other | REJECTED `redis_unknown_error` |
sdk::Result judge_error(std::string_view error);

/// The same of what is said to AUTH and SELECT, where everything that does not pass by itself is
/// the settings' fault.
sdk::Result judge_login_error(std::string_view error);

/// Whether the server cannot be written to for now, so that the next try should dial anew: a name
/// may by then lead to another server.
bool is_demoted(std::string_view error);

}  // namespace observerd::cache
