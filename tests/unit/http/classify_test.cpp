#include "common/classify.hpp"

#include <gtest/gtest.h>

namespace observerd::common {
namespace {

const WallTime kNow = WallTime(std::chrono::seconds(1772366400));  // 2026-03-01 12:00:00 UTC

Response answer(int status, Headers headers = {}, std::string body = {}) {
  Response response;
  response.status = status;
  response.headers = std::move(headers);
  response.body = std::move(body);
  return response;
}

Response failure(HttpError error, int status = 0) {
  Response response;
  response.error = error;
  response.status = status;
  response.detail = "why";
  return response;
}

TEST(Classify, EachStatus) {
  for (int status = 100; status < 700; ++status) {
    int expected = OBSERVERD_REJECTED;
    std::string code = "http_" + std::to_string(status);
    if (status < 200 || status >= 500) expected = OBSERVERD_RETRY;
    if (status >= 200 && status < 300) {
      expected = OBSERVERD_DELIVERED;
      code.clear();
    }
    if (status >= 300 && status < 400) code = "redirect";
    if (status == 501 || status == 505) expected = OBSERVERD_REJECTED;
    for (const int again : {408, 421, 425, 429}) {
      if (status == again) expected = OBSERVERD_RETRY;
    }
    for (const int setting : {401, 403, 407}) {
      if (status == setting) expected = OBSERVERD_MISCONFIGURED;
    }
    if (status == 410) expected = OBSERVERD_GONE;
    const auto result = classify(answer(status), kNow);
    EXPECT_EQ(result.outcome, expected) << status;
    EXPECT_EQ(result.code, code) << status;
  }
}

TEST(Classify, EachFailure) {
  struct Case {
    HttpError error;
    int outcome;
    const char* code;
  };
  const Case cases[] = {
      {HttpError::BadUrl, OBSERVERD_REJECTED, "bad_url"},
      {HttpError::DnsTemporary, OBSERVERD_RETRY, "dns_temporary"},
      {HttpError::DnsNotFound, OBSERVERD_MISCONFIGURED, "dns_not_found"},
      {HttpError::Refused, OBSERVERD_RETRY, "connection_refused"},
      {HttpError::Reset, OBSERVERD_RETRY, "connection_reset"},
      {HttpError::Unreachable, OBSERVERD_RETRY, "unreachable"},
      {HttpError::ConnectTimeout, OBSERVERD_RETRY, "connect_timeout"},
      {HttpError::Timeout, OBSERVERD_RETRY, "timeout"},
      {HttpError::Tls, OBSERVERD_RETRY, "tls_error"},
      {HttpError::Certificate, OBSERVERD_MISCONFIGURED, "certificate_invalid"},
      {HttpError::AddressRefused, OBSERVERD_MISCONFIGURED, "address_refused"},
      {HttpError::Malformed, OBSERVERD_RETRY, "malformed_answer"},
      {HttpError::Truncated, OBSERVERD_RETRY, "truncated_answer"},
      {HttpError::Proxy, OBSERVERD_UNAVAILABLE, "proxy_error"},
      {HttpError::Cancelled, OBSERVERD_CANCELLED, "cancelled"},
      {HttpError::Internal, OBSERVERD_RETRY, "client_error"},
  };
  for (const auto& c : cases) {
    const auto result = classify(failure(c.error), kNow);
    EXPECT_EQ(result.outcome, c.outcome) << c.code;
    EXPECT_EQ(result.code, c.code);
  }
}

TEST(Classify, WhatAProxyAnswersToConnect) {
  struct Case {
    int status;
    int outcome;
    const char* code;
  };
  const Case cases[] = {
      {0, OBSERVERD_UNAVAILABLE, "proxy_error"},   {401, OBSERVERD_MISCONFIGURED, "proxy_401"},
      {403, OBSERVERD_MISCONFIGURED, "proxy_403"}, {407, OBSERVERD_MISCONFIGURED, "proxy_407"},
      {429, OBSERVERD_RETRY, "proxy_429"},         {502, OBSERVERD_RETRY, "proxy_502"},
      {503, OBSERVERD_RETRY, "proxy_503"},         {504, OBSERVERD_RETRY, "proxy_504"}};
  for (const auto& c : cases) {
    Response response = failure(HttpError::Proxy);
    response.proxy_status = c.status;
    const auto result = classify(response, kNow);
    EXPECT_EQ(result.outcome, c.outcome) << c.status;
    EXPECT_EQ(result.code, c.code);
  }
}

TEST(Classify, AnAnswerThatIsTooLongCountsByItsStatus) {
  EXPECT_EQ(classify(failure(HttpError::Oversized, 200), kNow).outcome, OBSERVERD_DELIVERED);
  EXPECT_EQ(classify(failure(HttpError::Oversized, 404), kNow).outcome, OBSERVERD_REJECTED);
  EXPECT_EQ(classify(failure(HttpError::Truncated, 200), kNow).outcome, OBSERVERD_RETRY);
}

TEST(Classify, RetryAfterThrottlesOn429And503AndDelaysOnTheOthers) {
  using std::chrono::seconds;
  auto result = classify(answer(429, {{"retry-after", "17"}}), kNow);
  EXPECT_EQ(result.outcome, OBSERVERD_THROTTLED);
  EXPECT_EQ(result.retry_after, seconds(17));
  result = classify(answer(503, {{"Retry-After", "Sun, 01 Mar 2026 12:00:30 GMT"}}), kNow);
  EXPECT_EQ(result.outcome, OBSERVERD_THROTTLED);
  EXPECT_EQ(result.retry_after, seconds(30));
  result = classify(answer(500, {{"Retry-After", "9"}}), kNow);
  EXPECT_EQ(result.outcome, OBSERVERD_RETRY);
  EXPECT_EQ(result.retry_after, seconds(9));
  for (const char* useless : {"-3", "soon", "0", "Sun, 01 Mar 2020 12:00:30 GMT"}) {
    result = classify(answer(429, {{"Retry-After", useless}}), kNow);
    EXPECT_EQ(result.outcome, OBSERVERD_RETRY) << useless;
    EXPECT_EQ(result.retry_after, seconds(0)) << useless;
  }
}

TEST(Classify, OverridesComeFirst) {
  const StatusOverrides overrides{{{404, 404}}, {{409, 409}, {301, 308}}, {{500, 503}, {200, 200}}};
  EXPECT_EQ(classify(answer(404), kNow, overrides).outcome, OBSERVERD_DELIVERED);
  EXPECT_EQ(classify(answer(409), kNow, overrides).outcome, OBSERVERD_RETRY);
  EXPECT_EQ(classify(answer(302), kNow, overrides).outcome, OBSERVERD_RETRY);
  EXPECT_EQ(classify(answer(502), kNow, overrides).outcome, OBSERVERD_REJECTED);
  EXPECT_EQ(classify(answer(200), kNow, overrides).outcome, OBSERVERD_REJECTED);
  EXPECT_EQ(classify(answer(504), kNow, overrides).outcome, OBSERVERD_RETRY);
}

TEST(Classify, ARedirectNamesTheHostButNotTheRestOfItsTarget) {
  const auto result =
      classify(answer(302, {{"Location", "https://evil.example/hook?token=s3cret"}}), kNow);
  EXPECT_NE(result.message.find("evil.example"), std::string::npos);
  EXPECT_EQ(result.message.find("s3cret"), std::string::npos);
  EXPECT_EQ(classify(answer(304), kNow).message, "HTTP 304: redirects are not followed");
}

TEST(Classify, MessagesHoldAShortCleanPieceOfTheAnswer) {
  const auto result =
      classify(answer(404, {}, "no\r\n\x1b[31m such\x00 hook " + std::string(500, 'x')), kNow);
  EXPECT_TRUE(result.message.starts_with("HTTP 404: no [31m such")) << result.message;
  EXPECT_LT(result.message.size(), 230U);
}

TEST(Excerpt, KeepsWholeCharactersOnly) {
  EXPECT_EQ(excerpt("äöü", 4), "äö…");
  EXPECT_EQ(excerpt("äöü", 5), "äö…");
  EXPECT_EQ(excerpt("äöü", 6), "äöü");
  EXPECT_EQ(excerpt(" a \n\t b ", 10), "a b");
  EXPECT_EQ(excerpt("a\xff\xc3", 10), "a??");
  EXPECT_EQ(excerpt("", 10), "");
}

}  // namespace
}  // namespace observerd::common
