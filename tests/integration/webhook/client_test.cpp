#include "common/http_client.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <thread>

#include "support/http_server.hpp"

/// The HTTP client where names are concerned, which the plugin's settings cannot fake, and under
/// load.
namespace observerd::testing {
namespace {

using common::Cidr;
using common::ClientOptions;
using common::HttpClient;
using common::HttpError;
using std::chrono::seconds;
using std::chrono::steady_clock;

ClientOptions options(std::initializer_list<const char*> allowed) {
  ClientOptions result;
  result.allow_http = true;
  std::vector<Cidr> blocks;
  for (const char* block : allowed) blocks.push_back(Cidr::parse(block).value());
  result.addresses = common::AddressPolicy(blocks);
  return result;
}

common::Request request_to(const std::string& url) {
  common::Request request;
  request.url = common::parse_url(url).value();
  return request;
}

common::Response get(ClientOptions client_options, const std::string& url) {
  auto client = HttpClient::create(std::move(client_options)).value();
  return client->perform(request_to(url), steady_clock::now() + seconds(10));
}

std::string named(const HttpServer& server) {
  return "http://rebind.test:" + std::to_string(server.port()) + "/";
}

std::string answer(const HttpServer& server, const std::string& addresses) {
  return "rebind.test:" + std::to_string(server.port()) + ":" + addresses;
}

TEST(HttpClient, VetsTheAddressThatANameResolvesTo) {
  HttpServer server;
  ClientOptions client = options({});
  client.resolve = {answer(server, "127.0.0.1")};
  const auto response = get(client, named(server));
  EXPECT_EQ(response.error, HttpError::AddressRefused);
  EXPECT_NE(response.detail.find("127.0.0.1 (loopback)"), std::string::npos) << response.detail;
  EXPECT_EQ(server.connections(), 0);
}

TEST(HttpClient, ANameThatChangesItsAddressGainsNothing) {
  HttpServer server;
  ClientOptions first = options({"127.0.0.2"});
  first.resolve = {answer(server, "127.0.0.2")};
  EXPECT_EQ(get(first, named(server)).error, HttpError::Refused) << "allowed; nobody listens";
  ClientOptions second = options({"127.0.0.2"});
  second.resolve = {answer(server, "127.0.0.1")};
  EXPECT_EQ(get(second, named(server)).error, HttpError::AddressRefused);
  EXPECT_EQ(server.connections(), 0);
}

TEST(HttpClient, UsesTheAllowedAddressesOfAName) {
  HttpServer server;
  ClientOptions client = options({"127.0.0.1"});
  client.resolve = {answer(server, "127.0.0.3,127.0.0.1")};
  const auto response = get(client, named(server));
  EXPECT_EQ(response.error, HttpError::None) << response.detail;
  EXPECT_EQ(response.peer, "127.0.0.1");
  EXPECT_EQ(server.request(0).header("Host"), "rebind.test:" + std::to_string(server.port()));
}

TEST(HttpClient, TellsAMissingNameFromASilentNameServer) {
  for (const HttpError error : {HttpError::DnsNotFound, HttpError::DnsTemporary}) {
    ClientOptions client = options({});
    std::atomic<int> asked{0};
    client.name_failure = [&](const std::string& host) {
      EXPECT_EQ(host, "no-such-name.invalid");
      ++asked;
      return error;
    };
    EXPECT_EQ(get(client, "http://no-such-name.invalid/").error, error);
    EXPECT_EQ(asked, 1);
  }
}

TEST(HttpClient, ASilentNameServerDoesNotHoldUpTheDeadlineOrTheClient) {
  std::promise<void> release;
  auto released = release.get_future().share();
  ClientOptions client_options = options({"127.0.0.0/8"});
  client_options.name_failure = [released](const std::string&) {
    released.wait();
    return HttpError::DnsNotFound;
  };
  HttpServer server;
  auto client = HttpClient::create(client_options).value();
  std::promise<common::Response> stuck;
  client->submit(request_to("http://no-such-name.invalid/"), steady_clock::now() + seconds(1),
                 [&](common::Response response) { stuck.set_value(std::move(response)); });
  const auto response = client->perform(request_to(server.url()), steady_clock::now() + seconds(5));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(stuck.get_future().get().error, HttpError::DnsTemporary);
  client->stop();
  release.set_value();
}

TEST(HttpClient, WaitingForAConnectionCountsTowardsTheDeadline) {
  HttpServer server;
  server.always(HttpReply::hang());
  ClientOptions client_options = options({"127.0.0.0/8"});
  client_options.max_connections = 1;
  auto client = HttpClient::create(client_options).value();
  std::promise<common::Response> first;
  client->submit(request_to(server.url()), steady_clock::now() + seconds(30),
                 [&](common::Response response) { first.set_value(std::move(response)); });
  const auto start = steady_clock::now();
  const auto response = client->perform(request_to(server.url()),
                                        steady_clock::now() + std::chrono::milliseconds(100));
  EXPECT_EQ(response.error, HttpError::Timeout);
  EXPECT_LT(steady_clock::now() - start, seconds(2));
  EXPECT_EQ(server.connections(), 1);
  client->stop();
  EXPECT_EQ(first.get_future().get().error, HttpError::Cancelled);
}

TEST(HttpClient, CancelEndsOneRequestAndLeavesTheOthers) {
  HttpServer server;
  server.always(HttpReply::hang());
  auto client = HttpClient::create(options({"127.0.0.0/8"})).value();
  std::promise<common::Response> cancelled;
  const auto ticket =
      client->submit(request_to(server.url()), steady_clock::now() + seconds(30),
                     [&](common::Response response) { cancelled.set_value(std::move(response)); });
  ASSERT_TRUE(server.wait_for(1));
  server.always(HttpReply(200));
  client->cancel(ticket);
  client->cancel(ticket);
  EXPECT_EQ(cancelled.get_future().get().error, HttpError::Cancelled);
  const auto response = client->perform(request_to(server.url()), steady_clock::now() + seconds(5));
  EXPECT_EQ(response.status, 200);
}

TEST(HttpClient, EveryRequestEndsOnceWhenStoppedUnderLoad) {
  HttpServer server;
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  std::atomic<int> ended{0};
  auto client = HttpClient::create(options({"127.0.0.0/8"})).value();
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        client->submit(request_to(server.url()), steady_clock::now() + seconds(30),
                       [&](const common::Response&) { ++ended; });
      }
    });
  }
  ASSERT_TRUE(server.wait_for(100));
  client->stop();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(ended, kThreads * kEach);
}

TEST(HttpClient, AsksTheProxyForPlainHttpAndDoesNotVetTheProxyItself) {
  HttpServer proxy;
  ClientOptions client = options({});
  client.route.proxy = proxy.url("");
  const auto response = get(client, "http://receiver.invalid/hook?x=1");
  EXPECT_EQ(response.status, 200) << response.detail;
  EXPECT_EQ(proxy.request(0).target, "http://receiver.invalid/hook?x=1");
  EXPECT_EQ(proxy.request(0).header("Host"), "receiver.invalid");
}

TEST(HttpClient, RefusedAddressesAreNotAskedOfAProxyEither) {
  HttpServer proxy;
  ClientOptions client = options({"10.1.0.0/16"});
  client.route.proxy = proxy.url("");
  for (const char* host :
       {"127.0.0.1", "localhost", "LOCALHOST.", "a.localhost", "127.1", "2130706433", "0x7f.1",
        "0177.0.0.1", "127.0.0.1.", "[::1]", "[::ffff:10.0.0.1]", "169.254.169.254", "10.2.0.1",
        "[64:ff9b::7f00:1]"}) {
    const auto response = get(client, std::string("http://") + host + "/");
    EXPECT_EQ(response.error, HttpError::AddressRefused) << host << ": " << response.detail;
  }
  EXPECT_EQ(proxy.connections(), 0);
  EXPECT_EQ(get(client, "http://10.1.2.3/").status, 200) << "allowed";
  EXPECT_EQ(get(client, "http://8.8.8.8/").status, 200) << "public";
}

TEST(HttpClient, FaultsOfTheProxyAreToldFromThoseOfTheReceiver) {
  HttpServer proxy;
  ClientOptions client = options({"127.0.0.1"});
  client.route.proxy = proxy.url("");
  proxy.script({HttpReply(407), HttpReply(502)});
  auto response = get(client, "https://receiver.invalid/");
  EXPECT_EQ(response.error, HttpError::Proxy) << response.detail;
  EXPECT_EQ(response.proxy_status, 407);
  EXPECT_EQ(proxy.request(0).method, "CONNECT");
  response = get(client, "https://receiver.invalid/");
  EXPECT_EQ(response.error, HttpError::Proxy);
  EXPECT_EQ(response.proxy_status, 502);
  client.route.proxy = "http://127.0.0.1:1";
  EXPECT_EQ(get(client, "https://receiver.invalid/").error, HttpError::Proxy);
}

TEST(HttpClient, IgnoresTheEnvironment) {
  HttpServer server;
  HttpServer proxy;
  setenv("http_proxy", proxy.url("").c_str(), 1);
  setenv("all_proxy", proxy.url("").c_str(), 1);
  const auto response = get(options({"127.0.0.1"}), server.url());
  unsetenv("http_proxy");
  unsetenv("all_proxy");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(proxy.connections(), 0);
}

}  // namespace
}  // namespace observerd::testing
