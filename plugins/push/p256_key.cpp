#include "push/p256_key.hpp"

#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <array>

namespace observerd::push {
namespace {

constexpr const char* kCurve = "prime256v1";
constexpr std::size_t kScalarBytes = 32;
constexpr std::size_t kPointBytes = 65;

std::string point_of(EVP_PKEY* key) {
  std::string point(kPointBytes, '\0');
  std::size_t size = 0;
  const bool ok = EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, bytes_of(point),
                                                  point.size(), &size) == 1 &&
                  size == kPointBytes && point[0] == 4;
  return ok ? point : std::string();
}

bool is_on_curve(EVP_PKEY* key) {
  std::array<char, 64> name{};
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size(),
                                        nullptr) == 1 &&
         std::string_view(name.data()) == kCurve;
}

/// The key with these parts; an empty scalar makes a public key.
Owned<EVP_PKEY> make_key(std::string_view point, const BIGNUM* scalar) {
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, kCurve, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1 ||
      (scalar != nullptr &&
       OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar) != 1)) {
    return nullptr;
  }
  const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key,
                        scalar == nullptr ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR,
                        parameters.get()) != 1) {
    return nullptr;
  }
  return Owned<EVP_PKEY>(key);
}

/// `scalar` times the base point; "" when it is 0 or not below the order.
std::string multiply_base(const BIGNUM* scalar) {
  const Owned<EC_GROUP> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  if (group == nullptr || BN_is_zero(scalar) ||
      BN_cmp(scalar, EC_GROUP_get0_order(group.get())) >= 0) {
    return {};
  }
  const Owned<EC_POINT> point(EC_POINT_new(group.get()));
  std::string bytes(kPointBytes, '\0');
  const bool ok = point != nullptr &&
                  EC_POINT_mul(group.get(), point.get(), scalar, nullptr, nullptr, nullptr) == 1 &&
                  EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                                     bytes_of(bytes), bytes.size(), nullptr) == kPointBytes;
  return ok ? bytes : std::string();
}

Owned<EVP_PKEY> public_key(std::string_view point) {
  if (point.size() != kPointBytes || point[0] != 4) return nullptr;
  return make_key(point, nullptr);  // refuses what is not on the curve
}

int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

P256Key::P256Key(Owned<EVP_PKEY> key)
    : key_(key.release(), OpenSslFree()), point_(point_of(key_.get())) {}

std::optional<P256Key> P256Key::generate() {
  Owned<EVP_PKEY> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kCurve));
  if (key == nullptr) return std::nullopt;
  return P256Key(std::move(key));
}

std::optional<P256Key> P256Key::from_scalar(std::string_view scalar) {
  if (scalar.size() != kScalarBytes) return std::nullopt;
  const Owned<BIGNUM> number(BN_bin2bn(bytes_of(scalar), kScalarBytes, nullptr));
  const std::string point = number == nullptr ? std::string() : multiply_base(number.get());
  if (point.empty()) return std::nullopt;
  Owned<EVP_PKEY> key = make_key(point, number.get());
  if (key == nullptr) return std::nullopt;
  return P256Key(std::move(key));
}

std::optional<P256Key> P256Key::from_pem(std::string_view pem) {
  Owned<EVP_PKEY> key = read_private_key(pem);
  if (key == nullptr || !is_on_curve(key.get())) return std::nullopt;
  P256Key read(std::move(key));
  if (read.point_.empty()) return std::nullopt;
  return read;
}

std::optional<std::string> P256Key::agree(std::string_view peer) const {
  const Owned<EVP_PKEY> other = public_key(peer);
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  std::string secret(kScalarBytes, '\0');
  std::size_t size = secret.size();
  if (other == nullptr || context == nullptr || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), other.get()) != 1 ||
      EVP_PKEY_derive(context.get(), bytes_of(secret), &size) != 1 || size != kScalarBytes) {
    return std::nullopt;
  }
  return secret;
}

bool is_p256_point(std::string_view point) {
  return public_key(point) != nullptr;
}

Owned<EVP_PKEY> read_private_key(std::string_view pem) {
  const Owned<BIO> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (text == nullptr) return nullptr;
  return Owned<EVP_PKEY>(PEM_read_bio_PrivateKey(text.get(), nullptr, &no_pass_phrase, nullptr));
}

}  // namespace observerd::push
