#include "app/input.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

namespace observerd::app {

Result<Event> read_event_text(std::string_view text) {
  Result<Event> event = parse_event(text);
  if (event && event->created == WallTime{}) event->created = std::chrono::system_clock::now();
  return event;
}

Result<Event> read_event(const std::string& file) {
  std::string text;
  if (file == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
      return Status::error(Code::BadEvent,
                           "cannot read the event file " + file + ": " + std::strerror(errno));
    }
    text.assign(std::istreambuf_iterator<char>(stream), {});
  }
  Result<Event> event = read_event_text(text);
  if (event) return event;
  Status status = event.status();
  Place place = status.place();
  place.file = file == "-" ? "standard input" : file;
  return std::move(status).at(place);
}

void print_explanation(std::ostream& out, const std::vector<condition::Explained>& lines,
                       const std::string& indent) {
  for (const condition::Explained& line : lines) {
    out << indent << std::string(static_cast<std::size_t>(line.depth) * 2, ' ') << line.expression
        << "  →  " << line.value << '\n';
  }
}

}  // namespace observerd::app
