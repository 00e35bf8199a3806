#include "push/jwt.hpp"

#include "common/base64.hpp"

namespace observerd::push {
namespace {

constexpr int kLeastRsaBits = 2048;
constexpr int kNumberBytes = 32;

/// OpenSSL writes an ECDSA signature in DER; a token has r and s, 32 bytes each.
std::string from_der(const std::string& der) {
  const unsigned char* at = bytes_of(std::string_view(der));
  const Owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::string both(std::size_t{2} * kNumberBytes, '\0');
  const bool ok =
      signature != nullptr &&
      BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytes_of(both), kNumberBytes) > 0 &&
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytes_of(both) + kNumberBytes, kNumberBytes) >
          0;
  return ok ? both : std::string();
}

}  // namespace

Result<JwtSigner> JwtSigner::rs256(const std::string& pem) {
  Owned<EVP_PKEY> key = read_private_key(pem);
  if (key == nullptr || EVP_PKEY_is_a(key.get(), "RSA") != 1) {
    return Status::error(Code::ActionSettings, "is no RSA private key in PEM without pass phrase");
  }
  if (EVP_PKEY_get_bits(key.get()) < kLeastRsaBits) {
    return Status::error(Code::ActionSettings, "is an RSA key of fewer than 2048 bits");
  }
  return JwtSigner(std::shared_ptr<EVP_PKEY>(key.release(), OpenSslFree()), false);
}

JwtSigner JwtSigner::es256(const P256Key& key) {
  EVP_PKEY_up_ref(key.get());
  return {std::shared_ptr<EVP_PKEY>(key.get(), OpenSslFree()), true};
}

std::string JwtSigner::sign(const std::string& header, const std::string& claims) const {
  const std::string input =
      common::base64url_encode(header) + "." + common::base64url_encode(claims);
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  std::string signature(size, '\0');
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(std::string_view(input)),
                     input.size()) != 1) {
    return {};
  }
  signature.resize(size);
  if (is_ec_) signature = from_der(signature);
  return signature.empty() ? signature : input + "." + common::base64url_encode(signature);
}

}  // namespace observerd::push
