#include "answer.hpp"

#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <system_error>

namespace sdk = observerd::sdk;

namespace {

/// nullopt when `answer` does not begin with that word.
std::optional<std::string_view> after(std::string_view answer, std::string_view word) {
  if (answer == word) return std::string_view();
  if (answer.substr(0, word.size()) != word || answer[word.size()] != ' ') return std::nullopt;
  return answer.substr(word.size() + 1);
}

}  // namespace

sdk::Result to_result(std::string_view answer) {
  if (const auto id = after(answer, "ok")) return sdk::delivered(std::string(*id));
  if (const auto reason = after(answer, "no"))
    return sdk::rejected("refused", std::string(*reason));
  if (const auto delay = after(answer, "wait")) {
    unsigned seconds = 0;
    const auto [end, error] =
        std::from_chars(delay->data(), delay->data() + delay->size(), seconds);
    if (error == std::errc() && end == delay->data() + delay->size()) {
      return sdk::throttled(std::chrono::seconds(seconds));
    }
  }
  return sdk::retry("bad_answer", "the receiver answered: " + std::string(answer.substr(0, 80)));
}
