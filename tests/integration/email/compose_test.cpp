#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "common/base64.hpp"
#include "fixture.hpp"

/// What is sent, read by Python's email package: bytes, structure, headers, names.
namespace observerd::testing {
namespace {

class EmailCompose : public EmailReadTest {};

TEST_F(EmailCompose, ATextGoesAsItIs) {
  serve();
  const auto result = send();
  EXPECT_EQ(summary(result), "delivered") << result.message;
  EXPECT_NE(result.remote_id.find("taken as"), std::string::npos) << result.remote_id;
  EXPECT_EQ(of_last("/from"), "shop@example.com");
  EXPECT_EQ(of_last("/to"), R"(["ann@example.org"])");
  EXPECT_EQ(of_last("/type"), "text/plain");
  EXPECT_EQ(of_last("/parts/0/text"), "It was shipped.\r\n");
  EXPECT_EQ(of_last("/headers/Subject"), "Order 7");
  EXPECT_EQ(of_last("/addresses/From"), R"([["Shop","shop@example.com"]])");
  EXPECT_EQ(of_last("/headers/Message-ID"), "<0f8fad5b-d9cb-569f-a165-70867728950e@example.com>");
  EXPECT_EQ(of_last("/headers/Auto-Submitted"), "auto-generated");
  EXPECT_EQ(of_last("/headers/MIME-Version"), "1.0");
  EXPECT_EQ(of_last("/defects"), "[]");
  EXPECT_EQ(of_last("/has_bare"), "false");
  EXPECT_NE(of_last("/headers/Date").find("+0000"), std::string::npos);
}

TEST_F(EmailCompose, TextAndHtmlAreAlternativesAndAttachmentsStandBeside) {
  serve();
  const auto result = send(
      R"({"html": "<p>Käse</p>", "attachments": [)"
      R"({"name": "a.pdf", "content": "AAEC\n/w==", "encoding": "base64", "type": "application/pdf"},)"
      R"({"name": "Übersicht \"2\".csv", "content": "\\x48690a", "encoding": "hex", "type": "text/csv"},)"
      R"({"name": "../notes", "content": "é", "type": "text/plain"},)"
      R"({"name": "none", "content": ""}]})");
  ASSERT_EQ(summary(result), "delivered") << result.message;
  EXPECT_EQ(of_last("/structure"),
            R"(["multipart/mixed","multipart/alternative","text/plain","text/html",)"
            R"("application/pdf","text/csv","text/plain"])");
  EXPECT_EQ(of_last("/parts/1/text"), "<p>Käse</p>\r\n");
  EXPECT_EQ(of_last("/parts/2/content"), "AAEC/w==");
  EXPECT_EQ(of_last("/parts/2/name"), "a.pdf");
  EXPECT_EQ(of_last("/parts/2/disposition"), "attachment");
  EXPECT_EQ(of_last("/parts/3/text"), "Hi\n");
  EXPECT_EQ(of_last("/parts/3/name"), "Übersicht \"2\".csv");
  EXPECT_EQ(of_last("/parts/4/name"), ".._notes");
  EXPECT_EQ(of_last("/parts/4/charset"), "utf-8");
  EXPECT_EQ(of_last("/defects"), "[]");
  EXPECT_EQ(of_last("/is_ascii"), "true");
}

TEST_F(EmailCompose, AnyTextComesBackAsItWas) {
  serve();
  std::string long_line(3'000, 'x');
  for (const std::string& text :
       {std::string("Grüße, 100 % = \"alles\" \t\nFrom here\n.\n..\n trailing  \n"),
        std::string("例え話です。\n"), std::string("a\r\nb\rc\nd\n"), long_line + "\n",
        std::string("\n.\n\n"), std::string("x\0y\n", 4)}) {
    ASSERT_EQ(summary(send(R"({"text": )" + json::quote(text) + "}")), "delivered");
    std::string expected;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool is_pair = text[i] == '\r' && text[i + 1] == '\n';
      if (is_pair) continue;
      expected += text[i] == '\n' || text[i] == '\r' ? "\r\n" : std::string(1, text[i]);
    }
    EXPECT_EQ(of_last("/parts/0/text"), expected);
    EXPECT_EQ(of_last("/has_bare"), "false");
    EXPECT_LE(std::stoi(of_last("/longest_line")), 998);
    EXPECT_EQ(of_last("/is_ascii"), "true");
    EXPECT_EQ(of_last("/defects"), "[]");
  }
}

TEST_F(EmailCompose, AnySubjectComesBackInOneLine) {
  serve();
  std::string accents;
  for (int i = 0; i < 80; ++i) accents += "ä€😀 ";
  for (const auto& [subject, expected] : std::vector<std::pair<std::string, std::string>>{
           {"Käse für 3,50 €", "Käse für 3,50 €"},
           {accents + "end", accents + "end"},
           {"=?utf-8?Q?no_word?=", "=?utf-8?Q?no_word?="},
           {"two\r\nBcc: eve@example.net\r\n\r\nbody", "two Bcc: eve@example.net body"},
           {std::string(2'000, 'w'), std::string(2'000, 'w')},
           {"a: b; \"c\" <d>, (e)", "a: b; \"c\" <d>, (e)"}}) {
    ASSERT_EQ(summary(send(R"({"subject": )" + json::quote(subject) + "}")), "delivered");
    EXPECT_EQ(of_last("/headers/Subject"), expected);
    EXPECT_EQ(of_last("/to"), R"(["ann@example.org"])");
    EXPECT_EQ(of_last("/parts/0/text"), "It was shipped.\r\n");
    EXPECT_LE(std::stoi(of_last("/longest_line")), 998);
  }
}

TEST_F(EmailCompose, NamesOfAllKindsComeBack) {
  serve();
  const auto result = send(R"x({
      "to": ["Ann <ann@example.org>", "\"Doe, \\\"Jo\\\"\" <jo@example.org>",
             "Zoë Müller-Lüdenscheidt, Abteilung für internationale Beziehungen <zoe@example.org>",
             "O'Neil (Sales) <o@example.org>", "a@b <c@example.org>",
             "Bob <x@y>, <last@example.org>"],
      "cc": [["d@example.org", null, ""]], "bcc": "secret@example.org",
      "reply_to": "help@example.com"})x");
  ASSERT_EQ(summary(result), "delivered") << result.message;
  EXPECT_EQ(of_last("/addresses/To/0"), R"x(["Ann","ann@example.org"])x");
  EXPECT_EQ(of_last("/addresses/To/1"), R"x(["Doe, \"Jo\"","jo@example.org"])x");
  EXPECT_EQ(of_last("/addresses/To/2/0"),
            "Zoë Müller-Lüdenscheidt, Abteilung für internationale Beziehungen");
  EXPECT_EQ(of_last("/addresses/To/3"), R"x(["O'Neil (Sales)","o@example.org"])x");
  EXPECT_EQ(of_last("/addresses/To/4"), R"x(["a@b","c@example.org"])x");
  EXPECT_EQ(of_last("/addresses/To/5"), R"x(["Bob <x@y>,","last@example.org"])x");
  EXPECT_EQ(of_last("/addresses/Cc"), R"x([["","d@example.org"]])x");
  EXPECT_EQ(of_last("/to"),
            R"x(["ann@example.org","jo@example.org","zoe@example.org","o@example.org",)x"
            R"x("c@example.org","last@example.org","d@example.org","secret@example.org"])x");
  EXPECT_EQ(octets_of(last()).find("secret"), std::string::npos) << "blind copies are blind";
  EXPECT_EQ(of_last("/defects"), "[]");
}

TEST_F(EmailCompose, ALongNameIsFolded) {
  serve();
  const std::string name(980, 'n');
  ASSERT_EQ(summary(send(R"({"to": ")" + name + R"( <ann@example.org>"})")), "delivered");
  EXPECT_EQ(of_last("/addresses/To/0/0"), name);
  EXPECT_LE(std::stoi(of_last("/longest_line")), 998);
}

TEST_F(EmailCompose, HeadersOfTheSettingsAreSent) {
  serve();
  const auto result = send(
      R"({"headers": {"X-Order": "7", "List-Unsubscribe": "<https://a.example/u?x=1>", "X-Empty": "",)"
      R"( "X-Name": "Zoë"}})",
      R"(, "headers": {"Auto-Submitted": "no"})");
  ASSERT_EQ(summary(result), "delivered") << result.message;
  EXPECT_EQ(of_last("/headers/X-Order"), "7");
  EXPECT_EQ(of_last("/headers/List-Unsubscribe"), "<https://a.example/u?x=1>");
  EXPECT_EQ(of_last("/headers/X-Name"), "Zoë");
  EXPECT_EQ(of_last("/headers/X-Empty"), "(nothing)");
}

/// A new key pair: the private key in PEM, and what DNS would say of the public one.
struct DkimKey {
  explicit DkimKey(const std::string& kind) {
    EVP_PKEY* const key =
        kind == "rsa" ? EVP_RSA_gen(2048) : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    BIO* const memory = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(memory, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    pem.assign(text, static_cast<std::size_t>(size));
    std::string bytes(32, '\0');
    if (kind == "rsa") {
      bytes.resize(static_cast<std::size_t>(i2d_PUBKEY(key, nullptr)));
      auto* out = reinterpret_cast<unsigned char*>(bytes.data());
      i2d_PUBKEY(key, &out);
    } else {
      std::size_t length = bytes.size();
      EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(bytes.data()), &length);
    }
    record = "v=DKIM1; k=" + kind + "; p=" + common::base64_encode(bytes);
    BIO_free(memory);
    EVP_PKEY_free(key);
  }
  std::string pem, record;
};

TEST_F(EmailCompose, TheSignatureVerifiesByAnImplementationOfOthers) {
  const DkimKey rsa("rsa");
  const DkimKey ed25519("ed25519");
  serve(R"({"dkim": {"rsa._domainkey.example.com.": )" + json::quote(rsa.record) +
        R"(, "ed25519._domainkey.example.com.": )" + json::quote(ed25519.record) +
        R"(, "other._domainkey.example.com.": )" + json::quote(DkimKey("rsa").record) + "}}");
  const auto sign = [&](const std::string& selector, const DkimKey& key) {
    open(server_->port(),
         R"(, "security": "none", "dkim_domain": "example.com", "dkim_selector": ")" + selector +
             R"(", "dkim_key": )" + json::quote(key.pem));
  };
  for (const auto& [selector, key] : {std::pair("rsa", &rsa), std::pair("ed25519", &ed25519)}) {
    sign(selector, *key);
    for (
        const char* rendered :
        {R"({})", R"({"text": "", "html": "<p> two  blanks \t</p>\n\n\n"})",
         R"({"subject": "Käse  und   Brot, Käse und Brot, Käse und Brot, Käse und Brot, Käse",)"
         R"( "to": ["a@example.org", "Zoë Müller-Lüdenscheidt <b@example.org>"],)"
         R"( "attachments": [{"name": "ä", "content": "x"}], "headers": {"List-Unsubscribe": "<u>"}})"}) {
      ASSERT_EQ(summary(send(rendered)), "delivered");
      EXPECT_EQ(of_last("/dkim"), "true") << selector << octets_of(last());
      EXPECT_EQ(of_last("/defects"), "[]");
    }
  }
  sign("other", rsa);
  ASSERT_EQ(summary(send()), "delivered");
  EXPECT_EQ(of_last("/dkim"), "false") << "the key in DNS is another";
}

}  // namespace
}  // namespace observerd::testing
