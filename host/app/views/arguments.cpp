#include "app/views/arguments.hpp"

#include <algorithm>
#include <charconv>

#include "base/strings.hpp"
#include "base/units.hpp"
#include "event/event.hpp"

namespace observerd::app::views {

std::string ArgumentReader::named(const std::string& name) const {
  return prefix_ + name + " \"" + text(name) + "\"";
}

std::string ArgumentReader::text(const std::string& name) const {
  const auto found = arguments_.find(name);
  return found == arguments_.end() ? std::string() : found->second;
}

std::string ArgumentReader::word(const std::string& name, const std::vector<std::string>& allowed) {
  if (!has(name)) return {};
  const std::string value = text(name);
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    problem(named(name) + " is none of " + join(allowed, ", ") + did_you_mean(value, allowed));
  }
  return value;
}

std::vector<std::string> ArgumentReader::words(const std::string& name,
                                               const std::vector<std::string>& allowed) {
  std::vector<std::string> values;
  if (!has(name)) return values;
  const std::string list = text(name);
  for (std::size_t start = 0; start <= list.size();) {
    const std::size_t end = std::min(list.find(',', start), list.size());
    const std::string value(trim(std::string_view(list).substr(start, end - start)));
    if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
      problem(prefix_ + name + ": \"" + value + "\" is none of " + join(allowed, ", ") +
              did_you_mean(value, allowed));
    }
    values.push_back(value);
    start = end + 1;
  }
  return values;
}

std::optional<Uuid> ArgumentReader::id(const std::string& name) {
  if (!has(name)) return std::nullopt;
  const std::optional<Uuid> id = Uuid::parse(text(name));
  if (!id) problem(named(name) + " is no id (36 characters, as the lists show it)");
  return id;
}

std::optional<WallTime> ArgumentReader::time(const std::string& name) {
  if (!has(name)) return std::nullopt;
  if (const std::optional<WallTime> time = parse_time(text(name))) return time;
  if (const std::optional<Milliseconds> ago = parse_duration(text(name))) return now_ - *ago;
  problem(named(name) + " is no time such as 2026-01-31T12:00:00Z, nor a while ago such as 2h");
  return std::nullopt;
}

std::optional<Milliseconds> ArgumentReader::duration(const std::string& name) {
  if (!has(name)) return std::nullopt;
  const std::optional<Milliseconds> duration = parse_duration(text(name));
  if (!duration) problem(named(name) + " is no duration such as 90s, 12h or 30d");
  return duration;
}

int ArgumentReader::number(const std::string& name, int fallback, int least, int most) {
  if (!has(name)) return fallback;
  const std::string value = text(name);
  int number = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
  if (read.ec != std::errc() || read.ptr != value.data() + value.size() || number < least ||
      number > most) {
    problem(named(name) + " is no number from " + std::to_string(least) + " to " +
            std::to_string(most));
    return fallback;
  }
  return number;
}

std::vector<Uuid> ArgumentReader::ids(const std::vector<std::string>& words) {
  std::vector<Uuid> ids;
  for (const std::string& word : words) {
    if (const std::optional<Uuid> id = Uuid::parse(word)) {
      ids.push_back(*id);
    } else {
      problem("\"" + word + "\" is no id (36 characters, as the lists show it)");
    }
  }
  return ids;
}

}  // namespace observerd::app::views
