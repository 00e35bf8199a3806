#include "search/engine.hpp"

#include <algorithm>
#include <utility>

#include "common/classify.hpp"

namespace observerd::search {
namespace {

using common::HttpError;
using common::Next;
using common::Response;
using common::Split;

constexpr std::size_t kExcerptBytes = 300;

bool is_word(const std::string& text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string refusal_of(const sdk::Result& result) {
  return result.code + ": " + result.message;
}

}  // namespace

std::unique_ptr<Engine> make_engine(Flavour flavour, const Nodes& nodes, sdk::Host host) {
  switch (flavour) {
    case Flavour::Meilisearch:
      return make_meilisearch_engine(nodes);
    case Flavour::Typesense:
      return make_typesense_engine(nodes);
    case Flavour::Elasticsearch:
    case Flavour::Opensearch:
      break;
  }
  return make_bulk_engine(nodes, host);
}

std::string Engine::probe_problem(const Response& response, const ActionSettings&) const {
  if (is_answer(response)) return {};
  return refusal_of(common::classify(response, std::chrono::system_clock::now()));
}

bool is_answer(const Response& response) {
  return response.error == HttpError::None && response.status >= 200 && response.status < 300;
}

std::string code_of(const std::string& word, int status) {
  return "search_" + (is_word(word) ? word : std::to_string(status));
}

std::string sentence(int status, const std::string& text) {
  std::string out = "status " + std::to_string(status);
  if (!text.empty()) out += ": " + common::excerpt(text, kExcerptBytes);
  return out;
}

Next judge_refusal(const Response& response, std::size_t parts) {
  sdk::Result result = common::classify(response, std::chrono::system_clock::now());
  const int status = response.status;
  const bool is_whole = response.error == HttpError::None;
  if (response.error == HttpError::Oversized && status >= 200 && status < 300) {
    return {Split{sdk::retry("search_bad_answer", "the answer exceeds max_response_bytes")}};
  }
  if (is_whole && (status == 400 || status == 413)) {
    return {Split{std::move(result)}};
  }
  const bool is_elsewhere =
      (status >= 300 && status < 400) || status == 404 || status == 405 || status == 410;
  if (is_whole && is_elsewhere) {
    result = sdk::misconfigured("http_" + std::to_string(status), std::move(result.message));
  }
  return common::for_all(parts, result);
}

Next bad_answer(const Response& response, std::size_t parts) {
  return common::for_all(
      parts, sdk::retry("search_bad_answer", "not what a search engine answers: " +
                                                 common::excerpt(response.body, kExcerptBytes)));
}

}  // namespace observerd::search
