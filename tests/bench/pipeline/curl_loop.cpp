#include "pipeline/curl_loop.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "report.hpp"

namespace observerd::bench {
namespace {

struct CloseEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct CloseMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t pass_over(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

/// Checks one answer and gives the handle that is free again; nullptr when none has come.
CURL* take_finished(CURLM* multi) {
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(multi, &left);
  if (message == nullptr) return nullptr;
  CURL* easy = message->easy_handle;
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  if (message->data.result != CURLE_OK || status / 100 != 2) {
    give_up("the sink does not answer bare libcurl well: " + std::to_string(status) + " " +
            curl_easy_strerror(message->data.result));
  }
  curl_multi_remove_handle(multi, easy);
  return easy;
}

}  // namespace

void post_with_bare_libcurl(const std::string& url, const std::vector<std::string>& bodies,
                            std::size_t count, std::size_t connections, const std::string& type) {
  const std::unique_ptr<curl_slist, FreeList> headers(
      curl_slist_append(nullptr, ("Content-Type: " + type).c_str()));
  std::vector<std::unique_ptr<CURL, CloseEasy>> handles;
  const std::unique_ptr<CURLM, CloseMulti> multi(curl_multi_init());
  std::size_t sent = 0;
  std::size_t answered = 0;
  const auto send = [&](CURL* easy) {
    const std::string& body = bodies[sent++ % bodies.size()];
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_multi_add_handle(multi.get(), easy);
  };
  while (sent < std::min(count, connections)) {
    CURL* easy = handles.emplace_back(curl_easy_init()).get();
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, pass_over);
    send(easy);
  }
  while (answered < count) {
    int running = 0;
    curl_multi_perform(multi.get(), &running);
    while (CURL* easy = take_finished(multi.get())) {
      ++answered;
      if (sent < count) send(easy);
    }
    if (answered < count) curl_multi_poll(multi.get(), nullptr, 0, 1000, nullptr);
  }
  for (const auto& easy : handles) curl_multi_remove_handle(multi.get(), easy.get());
}

}  // namespace observerd::bench
