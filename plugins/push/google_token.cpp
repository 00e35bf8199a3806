#include "push/google_token.hpp"

#include <algorithm>
#include <cctype>

#include "common/classify.hpp"
#include "common/client_settings.hpp"
#include "common/form.hpp"

namespace observerd::push {
namespace {

using common::TokenCache;
using std::chrono::seconds;

constexpr const char* kPointer = "/service_account";
constexpr const char* kScope = "https://www.googleapis.com/auth/firebase.messaging";
constexpr const char* kGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::int64_t kAssertionSeconds = 3'600;
constexpr std::int64_t kMostTokenSeconds = 86'400;
constexpr int kEarly = 12;  ///< renewed when a twelfth of its life is left: 5 minutes of an hour

bool is_project_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == ':';
}

std::string assertion(const ServiceAccount& account, WallTime now) {
  const std::int64_t seconds = std::chrono::system_clock::to_time_t(now);
  auto header = json::Value::object(
      {{"alg", json::Value::string("RS256")}, {"typ", json::Value::string("JWT")}});
  set_text(header, "kid", account.key_id);
  const auto claims =
      json::Value::object({{"iss", json::Value::string(account.client_email)},
                           {"scope", json::Value::string(kScope)},
                           {"aud", json::Value::string(account.token_url.text)},
                           {"iat", json::Value::integer(seconds)},
                           {"exp", json::Value::integer(seconds + kAssertionSeconds)}});
  return account.signer.sign(json::write(header), json::write(claims));
}

/// What the token endpoint's refusal means for everything that needs the token.
sdk::Result refusal(const common::Response& response, const json::Value& answer, WallTime now) {
  sdk::Result result = common::classify(response, now);
  if (result.outcome == OBSERVERD_CANCELLED) return result;
  const std::string error = common::excerpt(answer.string_or("error"), 40);
  const std::string said =
      "no token from the token endpoint: " +
      (error.empty() ? result.message
                     : error + ": " + common::excerpt(answer.string_or("error_description"), 200));
  std::string code = "fcm_token_" + (error.empty() ? result.code : error);
  const bool is_final = result.outcome == OBSERVERD_REJECTED || result.outcome == OBSERVERD_GONE;
  if (is_final) result = sdk::misconfigured("", "");
  return named(std::move(result), std::move(code), said);
}

TokenCache::Outcome read_token(const common::Response& response, WallTime now) {
  const json::Value answer = common::json_answer(response);
  const std::string token = answer.string_or("access_token");
  if (response.error != common::HttpError::None || response.status != 200) {
    return refusal(response, answer, now);
  }
  if (token.empty() || !common::is_header_value("Bearer " + token)) {
    return sdk::retry("fcm_token_bad_answer", "the token endpoint answered without a token");
  }
  const seconds lifetime(
      std::min(common::integer_or(answer, "expires_in", kAssertionSeconds), kMostTokenSeconds));
  return TokenCache::Token{"Bearer " + token, lifetime,
                           Milliseconds(lifetime) - Milliseconds(lifetime) / kEarly};
}

}  // namespace

std::unique_ptr<const ServiceAccount> read_service_account(const std::string& text, bool allow_http,
                                                           const common::ProblemFn& problem) {
  const auto parsed = json::parse(text, Code::ActionSettings);
  if (!parsed || !parsed->is_object()) {
    problem(kPointer, "is no JSON: it must be the whole text of the key file of a service account");
    return nullptr;
  }
  for (const char* name : {"project_id", "client_email", "private_key", "token_uri"}) {
    if (parsed->string_or(name).empty()) {
      problem(kPointer, std::string("has no \"") + name + "\": it must be the whole text of the " +
                            "key file of a service account");
      return nullptr;
    }
  }
  const std::string project = parsed->string_or("project_id");
  if (!std::all_of(project.begin(), project.end(), is_project_character)) {
    problem(kPointer, "its \"project_id\" holds characters that no project's has");
  }
  const auto token_url =
      common::read_endpoint(parsed->string_or("token_uri"), allow_http, kPointer, problem);
  auto signer = JwtSigner::rs256(parsed->string_or("private_key"));
  if (!signer) problem(kPointer, "its \"private_key\" " + signer.status().message());
  if (!token_url || !signer) return nullptr;
  return std::make_unique<const ServiceAccount>(
      ServiceAccount{project, parsed->string_or("client_email"),
                     parsed->string_or("private_key_id"), *token_url, *std::move(signer)});
}

std::shared_ptr<TokenCache> make_google_token(std::shared_ptr<const ServiceAccount> account,
                                              const ProviderHost& host) {
  TokenCache::Source source;
  source.fetch = [account = std::move(account), send = host.send,
                  clock = host.clock](std::function<void(TokenCache::Outcome)> done) {
    const std::string signed_assertion = assertion(*account, clock->now());
    if (signed_assertion.empty()) {
      done(sdk::retry("signing_failed", "OpenSSL could not sign the request for a token"));
      return;
    }
    common::Request request;
    request.url = account->token_url;
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                       {"Accept", "application/json"}};
    request.body = common::encode_form({{"grant_type", kGrant}, {"assertion", signed_assertion}});
    send(std::move(request), [done = std::move(done), clock](const common::Response& response) {
      done(read_token(response, clock->now()));
    });
  };
  source.is_refusal = [](const common::Response& response) {
    return response.status == 401 &&
           response.body.find("THIRD_PARTY_AUTH_ERROR") == std::string::npos;
  };
  return std::make_shared<TokenCache>(std::move(source), *host.clock);
}

}  // namespace observerd::push
