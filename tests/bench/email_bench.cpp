// Mails a second through the email plugin, beside libcurl's own SMTP, in one run:
//
//   bench_email [--check] [--record] [--mails N]
//
// The npm package smtp-server with STARTTLS. Four threads, a kept connection each: one way hands
// the plugin one item after the other, the other sends a mail of the same text that is there
// already with curl_easy_perform. The ways take turns, medians count. --check and --record: as
// bench_pipeline, with the ratio in email.recorded.json.
#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "loaded_plugin.hpp"
#include "matching/measure.hpp"
#include "report.hpp"
#include "support/mail_server.hpp"
#include "support/tls_server.hpp"

namespace observerd::bench {
namespace {

constexpr std::size_t kConnections = 4;

/// About 1 KB, in lines.
std::string text() {
  std::string text;
  while (text.size() < 1'000) text += "Your order was shipped and is on its way to you.\n";
  return text;
}

/// Calls `send` for each number below `mails`, from as many threads as there are connections, and
/// gives the seconds that took.
template <typename Send>
double seconds_of(std::size_t mails, const Send& send) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kConnections; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < mails; i += kConnections) send(t, i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The plugin in the host's loader, and one action.
class Plugin {
 public:
  Plugin(int port, const std::string& ca_file)
      : plugin_(
            "email",
            R"({"host": "localhost", "allow_addresses": ["127.0.0.0/8"], "from": "shop@example.com",)"
            R"( "port": )" +
                std::to_string(port) + R"(, "ca_file": )" + json::quote(ca_file) +
                R"(, "max_connections": )" + std::to_string(kConnections) + "}",
            R"({"to": "{{ email }}", "subject": "{{ id }}", "text": "{{ text }}"})") {}

  double seconds(std::size_t mails) {
    return seconds_of(mails, [this](std::size_t, std::size_t i) {
      plugin::Item item = plugin_.item(i);
      item.settings_json = settings_;
      plugin_.module().deliver({std::move(item)},
                               std::chrono::steady_clock::now() + std::chrono::seconds(60),
                               [](std::uint32_t, const plugin::ItemResult& result) {
                                 if (result.outcome == plugin::Outcome::Delivered) return;
                                 give_up("not delivered: " + result.code + " " + result.message);
                               });
    });
  }

 private:
  LoadedPlugin plugin_;
  const std::shared_ptr<const std::string> settings_ = std::make_shared<const std::string>(
      R"({"to":"ann@example.org","subject":"Order 7","text":)" + json::quote(text()) + "}");
};

/// libcurl's own SMTP: one easy handle a thread, kept from mail to mail.
class BareCurl {
 public:
  BareCurl(int port, const std::string& ca_file) {
    for (std::size_t t = 0; t < kConnections; ++t) {
      CURL* const easy = curl_easy_init();
      const std::string url = "smtp://localhost:" + std::to_string(port);
      curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
      curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
      curl_easy_setopt(easy, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
      curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
      curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
      curl_easy_setopt(easy, CURLOPT_MAIL_FROM, "<shop@example.com>");
      curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, recipients_);
      curl_easy_setopt(easy, CURLOPT_READFUNCTION, &BareCurl::on_read);
      handles_.push_back(easy);
    }
    std::string body = text();
    for (std::size_t at = 0; (at = body.find('\n', at)) != std::string::npos; at += 2) {
      body.insert(at, "\r");
    }
    mail_ =
        "From: shop@example.com\r\nTo: ann@example.org\r\nSubject: Order 7\r\n"
        "Message-ID: <7@example.com>\r\nMIME-Version: 1.0\r\n\r\n" +
        body;
  }
  ~BareCurl() {
    for (CURL* const easy : handles_) curl_easy_cleanup(easy);
    curl_slist_free_all(recipients_);
  }
  BareCurl(const BareCurl&) = delete;
  BareCurl& operator=(const BareCurl&) = delete;

  double seconds(std::size_t mails) {
    return seconds_of(mails, [this](std::size_t t, std::size_t) {
      std::string_view left = mail_;
      curl_easy_setopt(handles_[t], CURLOPT_READDATA, &left);
      const CURLcode code = curl_easy_perform(handles_[t]);
      if (code != CURLE_OK) give_up(curl_easy_strerror(code));
    });
  }

 private:
  static std::size_t on_read(char* to, std::size_t size, std::size_t count, void* from) {
    auto& left = *static_cast<std::string_view*>(from);
    const std::size_t bytes = std::min(size * count, left.size());
    std::memcpy(to, left.data(), bytes);
    left.remove_prefix(bytes);
    return bytes;
  }

  std::string mail_;
  curl_slist* recipients_ = curl_slist_append(nullptr, "<ann@example.org>");
  std::vector<CURL*> handles_;
};

int measure(const Run& run) {
  const std::size_t mails = run.count;
  const std::string missing = testing::MailServer::missing(testing::MailServer::Kind::SmtpServer);
  if (!missing.empty()) give_up(missing);
  testing::TestAuthority authority;
  authority.issue("mail", "DNS:localhost");
  json::Value options = json::Value::object();
  options.set("cert", json::Value::string(authority.certificate("mail")));
  options.set("key", json::Value::string(authority.key("mail")));
  const testing::MailServer server(testing::MailServer::Kind::SmtpServer, options);
  Plugin plugin(server.port(), authority.ca_file());
  BareCurl bare(server.port(), authority.ca_file());
  plugin.seconds(mails);  // the server warms up
  bare.seconds(mails);
  std::vector<double> our_seconds;
  std::vector<double> bare_seconds;
  constexpr int kRounds = 5;
  for (int round = 0; round < kRounds; ++round) {
    our_seconds.push_back(plugin.seconds(mails));
    bare_seconds.push_back(bare.seconds(mails));
  }
  if (server.mails().size() != 2 * (kRounds + 1) * mails) give_up("mails are missing");
  const auto count = static_cast<double>(mails);
  Report report(OBSERVERD_SOURCE_DIR "/tests/bench/email.recorded.json");
  report.compare("mails", "1/s", count / median(our_seconds),
                 {"bare libcurl, a mail made before", count / median(bare_seconds)},
                 Better::Higher);
  return report.conclude(run.check, run.record);
}

}  // namespace
}  // namespace observerd::bench

int main(int argc, char** argv) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  return observerd::bench::measure(observerd::bench::run_of(argc, argv, "mails", 2'000));
}
