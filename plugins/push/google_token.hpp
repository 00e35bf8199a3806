#pragma once

#include <memory>
#include <string>

#include "push/jwt.hpp"
#include "push/provider.hpp"

namespace observerd::push {

/// A Google service account, as its key file has it.
struct ServiceAccount {
  std::string project_id, client_email, key_id;
  common::Url token_url;
  JwtSigner signer;
};

/// Reads the text of a key file; nullptr after saying what is wrong under /service_account, without
/// repeating any of it.
std::unique_ptr<const ServiceAccount> read_service_account(const std::string& text, bool allow_http,
                                                           const common::ProblemFn& problem);

/// Access tokens for FCM: a signed assertion is exchanged at the account's token endpoint (RFC 7523
/// section 2.1), and what comes back serves until 5 minutes before its end.
std::shared_ptr<common::TokenCache> make_google_token(std::shared_ptr<const ServiceAccount> account,
                                                      const ProviderHost& host);

}  // namespace observerd::push
