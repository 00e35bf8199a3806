#include "email/dkim.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <utility>
#include <vector>

#include "base/strings.hpp"
#include "common/base64.hpp"

namespace observerd::email {
namespace {

// What is signed where it is there (RFC 6376 section 5.4.1). From comes once more in any case.
constexpr std::array<std::string_view, 15> kSigned{"from",
                                                   "reply-to",
                                                   "to",
                                                   "cc",
                                                   "subject",
                                                   "date",
                                                   "message-id",
                                                   "mime-version",
                                                   "content-type",
                                                   "content-transfer-encoding",
                                                   "in-reply-to",
                                                   "references",
                                                   "list-unsubscribe",
                                                   "list-unsubscribe-post",
                                                   "auto-submitted"};

Status refused(const char* what) {
  ERR_clear_error();
  return Status::error(Code::ActionFailed, what);
}

Status bad_key(const char* what) {
  ERR_clear_error();
  return Status::error(Code::ActionSettings, what);
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  unsigned int size = digest.size();
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

struct Header {
  std::string name;  // lower case
  std::string_view text;
};

/// The header fields of a message, each with its folded lines and CRLF.
std::vector<Header> headers_of(std::string_view block) {
  std::vector<Header> headers;
  while (!block.empty()) {
    std::size_t end = block.find("\r\n");
    while (end != std::string_view::npos && end + 2 < block.size() &&
           (block[end + 2] == ' ' || block[end + 2] == '\t')) {
      end = block.find("\r\n", end + 2);
    }
    end = end == std::string_view::npos ? block.size() : end + 2;
    const std::string_view text = block.substr(0, end);
    headers.push_back({ascii_lower(trim(text.substr(0, text.find(':')))), text});
    block.remove_prefix(end);
  }
  return headers;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

}  // namespace

std::string relaxed_header(std::string_view header) {
  const std::size_t colon = std::min(header.find(':'), header.size());
  std::string out = ascii_lower(trim(header.substr(0, colon))) + ":";
  std::string value;
  for (const char c : header.substr(std::min(colon + 1, header.size()))) {
    if (c == '\r' || c == '\n') continue;
    if (is_blank(c)) {
      if (!value.ends_with(' ')) value += ' ';
    } else {
      value += c;
    }
  }
  return out + std::string(trim(value)) + "\r\n";
}

std::string relaxed_body(std::string_view body) {
  std::string out;
  std::size_t kept = 0;  // up to the end of the last line that is not empty
  while (!body.empty()) {
    const std::size_t end = std::min(body.find("\r\n"), body.size());
    bool has_gap = false;
    const std::size_t before = out.size();
    for (const char c : body.substr(0, end)) {
      if (is_blank(c)) {
        has_gap = true;
        continue;
      }
      if (std::exchange(has_gap, false)) out += ' ';
      out += c;
    }
    const bool is_empty = out.size() == before;
    out += "\r\n";
    if (!is_empty) kept = out.size();
    body.remove_prefix(std::min(end + 2, body.size()));
  }
  out.resize(kept);
  return out;
}

DkimSigner::DkimSigner(std::string domain, std::string selector, EVP_PKEY* key)
    : domain_(std::move(domain)),
      selector_(std::move(selector)),
      key_(key, &EVP_PKEY_free),
      is_rsa_(EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {}

Result<DkimSigner> DkimSigner::create(std::string domain, std::string selector,
                                      const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  // Without a password OpenSSL would ask for one at the terminal.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  EVP_PKEY* key = bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr) : nullptr;
  if (key == nullptr) return bad_key("is no unencrypted private key in PEM");
  DkimSigner signer(std::move(domain), std::move(selector), key);
  if (signer.is_rsa_) {
    if (EVP_PKEY_get_bits(key) < 1024) return bad_key("is an RSA key of less than 1024 bits");
  } else if (EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519) {
    return bad_key("is neither an RSA nor an Ed25519 key");
  }
  return signer;
}

Result<std::string> DkimSigner::signature(const std::string& hashed) const {
  // RFC 8463 section 3: Ed25519 signs the digest.
  const std::string input = is_rsa_ ? hashed : sha256(hashed);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  const auto* bytes = reinterpret_cast<const unsigned char*>(input.data());
  std::size_t size = 0;
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, is_rsa_ ? EVP_sha256() : nullptr, nullptr,
                         key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, input.size()) != 1) {
    return refused("OpenSSL does not sign with the DKIM key");
  }
  std::string out(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes,
                     input.size()) != 1) {
    return refused("OpenSSL does not sign with the DKIM key");
  }
  out.resize(size);
  return out;
}

Result<std::string> DkimSigner::sign(std::string_view message, WallTime now) const {
  const std::size_t end = message.find("\r\n\r\n");
  const std::string_view block = message.substr(0, end + 2);
  const std::vector<Header> headers = headers_of(block);
  std::string names = "from";
  std::string hashed;
  for (const std::string_view name : kSigned) {
    // Of several the last first (RFC 6376 section 5.4.2); there is one of each of ours.
    for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
      if (header->name != name) continue;
      names += ":" + header->name;
      hashed += relaxed_header(header->text);
    }
  }
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  std::string field = "DKIM-Signature: v=1; a=";
  field += is_rsa_ ? "rsa-sha256" : "ed25519-sha256";
  field += "; c=relaxed/relaxed; d=" + domain_ + ";\r\n s=" + selector_ +
           "; t=" + std::to_string(seconds) + ";\r\n h=";
  for (std::size_t column = 3; !names.empty();) {
    const std::size_t size = std::min(names.find(':'), names.size() - 1) + 1;
    if (column + size > 76) {
      field += "\r\n ";
      column = 1;
    }
    field += names.substr(0, size);
    column += size;
    names.erase(0, size);
  }
  field += ";\r\n bh=" + common::base64_encode(sha256(relaxed_body(message.substr(end + 4)))) +
           ";\r\n b=";
  std::string own = relaxed_header(field + "\r\n");
  own.resize(own.size() - 2);  // its own CRLF is not hashed
  auto bytes = signature(hashed + own);
  if (!bytes) return bytes;
  std::string text = common::base64_encode(*bytes);
  while (!text.empty()) {
    field += text.substr(0, 72) + "\r\n ";
    text.erase(0, std::min<std::size_t>(72, text.size()));
  }
  field.resize(field.size() - 1);
  return field;
}

}  // namespace observerd::email
