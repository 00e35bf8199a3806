#include "support/opensearch_server.hpp"

#include <curl/curl.h>

#include <memory>
#include <stdexcept>
#include <utility>

namespace observerd::testing {
namespace {

constexpr const char* kInstalled = OBSERVERD_BUILD_DIR "/opensearch";

std::size_t append(char* data, std::size_t size, std::size_t count, void* out) {
  static_cast<std::string*>(out)->append(data, size * count);
  return size * count;
}

}  // namespace

bool OpenSearchServer::is_there() {
  return std::filesystem::exists(std::string(kInstalled) + "/installed");
}

const char* OpenSearchServer::missing() {
  return "OpenSearch is not there: tests/support/install-opensearch.sh BUILD-DIRECTORY";
}

OpenSearchServer::OpenSearchServer(std::vector<std::string> java_options)
    : process_([this, options = std::move(java_options)](int port) {
        std::vector<std::string> words{OBSERVERD_SOURCE_DIR "/tests/support/opensearch.sh",
                                       kInstalled, folder_.file("node"), std::to_string(port)};
        words.insert(words.end(), options.begin(), options.end());
        return words;
      }) {
  wait_until_ready();
}

std::string OpenSearchServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(process_.port()) + path;
}

OpenSearchAnswer OpenSearchServer::request(const std::string& method, const std::string& path,
                                           const std::string& body) const {
  OpenSearchAnswer answer;
  const std::unique_ptr<CURL, void (*)(CURL*)> easy(curl_easy_init(), &curl_easy_cleanup);
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(
      curl_slist_append(nullptr, "Content-Type: application/json"), &curl_slist_free_all);
  curl_easy_setopt(easy.get(), CURLOPT_URL, url(path).c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT, 60L);
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  if (!body.empty()) {
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, body.c_str());
  }
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &append);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &answer.body);
  if (curl_easy_perform(easy.get()) != CURLE_OK) return {};
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

void OpenSearchServer::restart() {
  process_.restart();
  wait_until_ready();
}

void OpenSearchServer::wait_until_ready() const {
  // The port is open once the node is there; primaries of what it had before take a moment more.
  const auto answer = request("GET", "/_cluster/health?wait_for_status=yellow&timeout=30s");
  if (answer.status != 200) throw std::runtime_error("OpenSearch is not ready:\n" + output());
}

}  // namespace observerd::testing
