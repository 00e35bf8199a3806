#include "app/input.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

namespace observerd::app {

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
  Result<Event> event = parse_event(text);
  if (event) {
    if (event->created == WallTime{}) event->created = std::chrono::system_clock::now();
    return event;
  }
  Status status = event.status();
  Place place = status.place();
  place.file = file == "-" ? "standard input" : file;
  return std::move(status).at(place);
}

json::Value explanation_json(const std::vector<condition::Explained>& lines) {
  json::Value list = json::Value::array();
  for (const condition::Explained& line : lines) {
    list.push_back(json::Value::object({{"depth", json::Value::integer(line.depth)},
                                        {"expression", json::Value::string(line.expression)},
                                        {"value", json::Value::string(line.value)}}));
  }
  return list;
}

void print_explanation(std::ostream& out, const std::vector<condition::Explained>& lines,
                       const std::string& indent) {
  for (const condition::Explained& line : lines) {
    out << indent << std::string(static_cast<std::size_t>(line.depth) * 2, ' ') << line.expression
        << "  →  " << line.value << '\n';
  }
}

}  // namespace observerd::app
