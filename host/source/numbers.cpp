#include "source/numbers.hpp"

namespace observerd::source {

Result<std::vector<std::int64_t>> parse_array(std::string_view text) {
  std::vector<std::int64_t> values;
  std::string_view rest = text;
  bool good = take(rest, '{');
  while (good && !rest.empty() && rest != "}") {
    std::int64_t value = 0;
    good = (values.empty() || take(rest, ',')) && take_number(rest, value);
    values.push_back(value);
  }
  if (!good || rest != "}") {
    return Status::error(Code::Storage, "\"" + std::string(text) + "\" is not a bigint array");
  }
  return values;
}

std::string array_text(const std::vector<std::int64_t>& values) {
  std::string text = "{";
  for (const std::int64_t value : values) {
    if (text.size() > 1) text += ',';
    text += std::to_string(value);
  }
  return text += '}';
}

}  // namespace observerd::source
