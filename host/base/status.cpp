#include "base/status.hpp"

#include <cstdio>

namespace observerd {

std::string code_name(Code code) {
  char text[8];
  std::snprintf(text, sizeof text, "OB%03u", static_cast<unsigned>(code));
  return text;
}

std::string Place::to_string() const {
  std::string text = file;
  if (line > 0) {
    if (!text.empty()) text += ':';
    text += std::to_string(line);
    if (column > 0) text += ':' + std::to_string(column);
  }
  if (!pointer.empty()) {
    if (!text.empty()) text += ' ';
    text += pointer;
  }
  return text;
}

std::string Status::to_string() const {
  if (ok()) return "ok";
  std::string text = code_name(code_) + ' ';
  if (!place_.empty()) text += place_.to_string() + ": ";
  text += message_;
  for (const std::string& note : notes_) {
    std::size_t start = 0;
    while (start <= note.size()) {
      const std::size_t end = note.find('\n', start);
      text += "\n    " + note.substr(start, end == std::string::npos ? end : end - start);
      if (end == std::string::npos) break;
      start = end + 1;
    }
  }
  return text;
}

}  // namespace observerd
