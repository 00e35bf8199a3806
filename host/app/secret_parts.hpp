#pragma once

#include <string>
#include <vector>

namespace observerd::app {

/// The secrets, and for each that is a URL also the parts of it that can give it away by
/// themselves: its target (path and query), values of its query from 8 bytes on, segments of its
/// path from 12 bytes on. Receivers repeat the target they were asked for, and a URL that is a
/// template is never sent as it is written. Shorter parts are left alone: they are ordinary words
/// more often than not.
std::vector<std::string> with_url_parts(std::vector<std::string> secrets);

}  // namespace observerd::app
