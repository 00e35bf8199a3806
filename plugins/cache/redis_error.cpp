#include "cache/redis_error.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/strings.hpp"
#include "common/classify.hpp"

namespace observerd::cache {
namespace {

enum class Meaning : unsigned char { Transient, Setup, Cluster, Item };

struct Word {
  std::string_view word;
  Meaning meaning;
};

constexpr std::array kWords{
    Word{"LOADING", Meaning::Transient},    Word{"BUSY", Meaning::Transient},
    Word{"TRYAGAIN", Meaning::Transient},   Word{"CLUSTERDOWN", Meaning::Transient},
    Word{"MASTERDOWN", Meaning::Transient}, Word{"READONLY", Meaning::Transient},
    Word{"MISCONF", Meaning::Transient},    Word{"OOM", Meaning::Transient},
    Word{"NOREPLICAS", Meaning::Transient}, Word{"NOAUTH", Meaning::Setup},
    Word{"WRONGPASS", Meaning::Setup},      Word{"NOPERM", Meaning::Setup},
    Word{"DENIED", Meaning::Setup},         Word{"MOVED", Meaning::Cluster},
    Word{"ASK", Meaning::Cluster},          Word{"CROSSSLOT", Meaning::Cluster},
    Word{"WRONGTYPE", Meaning::Item},       Word{"ERR", Meaning::Item},
    Word{"EXECABORT", Meaning::Item},
};

constexpr std::string_view kMaxClients = "ERR max number of clients";
constexpr std::string_view kUnknownCommand = "ERR unknown command";

std::string_view first_word(std::string_view error) {
  return error.substr(0, error.find(' '));
}

const Word* find_word(std::string_view error) {
  const auto found = std::find_if(kWords.begin(), kWords.end(), [&](const Word& known) {
    return known.word == first_word(error);
  });
  return found == kWords.end() ? nullptr : &*found;
}

std::string sentence(std::string_view error) {
  // An unknown command is repeated with its arguments, values among them.
  if (error.starts_with(kUnknownCommand)) return "Redis does not know a command that is needed";
  return "Redis says " + common::excerpt(error, 300);
}

}  // namespace

sdk::Result judge_error(std::string_view error) {
  if (error.starts_with(kMaxClients)) return sdk::retry("redis_max_clients", sentence(error));
  if (error.starts_with(kUnknownCommand)) {
    return sdk::misconfigured("redis_unknown_command", sentence(error));
  }
  const Word* known = find_word(error);
  if (known == nullptr) return sdk::rejected("redis_unknown_error", sentence(error));
  std::string code = "redis_" + ascii_lower(known->word);
  switch (known->meaning) {
    case Meaning::Transient:
      return sdk::retry(std::move(code), sentence(error));
    case Meaning::Setup:
      return sdk::misconfigured(std::move(code), sentence(error));
    case Meaning::Cluster:
      return sdk::misconfigured(std::move(code),
                                sentence(error) + "; the settings need \"cluster\": true");
    case Meaning::Item:
      break;
  }
  return sdk::rejected(std::move(code), sentence(error));
}

sdk::Result judge_login_error(std::string_view error) {
  sdk::Result result = judge_error(error);
  if (result.outcome == OBSERVERD_REJECTED) {
    return sdk::misconfigured(std::move(result.code), std::move(result.message));
  }
  return result;
}

bool is_demoted(std::string_view error) {
  const std::string_view word = first_word(error);
  return word == "READONLY" || word == "MASTERDOWN" || word == "CLUSTERDOWN";
}

}  // namespace observerd::cache
