#include "postgres/conninfo.hpp"

#include <gtest/gtest.h>

namespace observerd::postgres {
namespace {

Result<Conninfo> parse(const std::string& url) {
  Options options;
  options.url = url;
  return make_conninfo(options);
}

TEST(Conninfo, UrlAndKeywordsAreCompletedWithDefaults) {
  for (const char* url : {"postgresql://ann:s%2Fx@db.example.com:6432/app",
                          "host=db.example.com port=6432 user=ann password=s/x dbname=app"}) {
    const Result<Conninfo> conninfo = parse(url);
    ASSERT_TRUE(conninfo.ok()) << url;
    EXPECT_EQ(conninfo->target, "database \"app\" at db.example.com:6432");
    EXPECT_EQ(conninfo->password, "s/x");
    for (const char* part : {"connect_timeout='10'", "keepalives_idle='5'", "password='s/x'",
                             "client_encoding='UTF8'", "fallback_application_name='observerd'"}) {
      EXPECT_NE(conninfo->text.find(part), std::string::npos) << part;
    }
  }
}

TEST(Conninfo, WhatTheUrlSaysWinsExceptTheEncoding) {
  const Result<Conninfo> conninfo =
      parse("postgresql:///app?connect_timeout=3&keepalives_idle=60&client_encoding=LATIN1");
  EXPECT_NE(conninfo->text.find("connect_timeout='3'"), std::string::npos);
  EXPECT_NE(conninfo->text.find("keepalives_idle='60'"), std::string::npos);
  EXPECT_NE(conninfo->text.find("client_encoding='UTF8'"), std::string::npos);
}

TEST(Conninfo, ValuesAreQuoted) {
  EXPECT_NE(parse("postgresql://ann:it's%5C@h/app")->text.find(R"(password='it\'s\\')"),
            std::string::npos);
}

TEST(Conninfo, MalformedUrlsNeverShowTheirText) {
  for (const char* url : {"", "  ", "hunter2", "postgresql://ann:hunter2@[::1/app",
                          "postgresql://h/app?hunter2=1", "host=h hunter2"}) {
    const Status status = parse(url).status();
    EXPECT_EQ(status.code(), Code::Database) << url;
    EXPECT_EQ(status.to_string().find("hunter2"), std::string::npos) << status.to_string();
  }
}

TEST(Conninfo, FailuresSayWhatToDoWithoutThePassword) {
  const Conninfo conninfo = *parse("postgresql://ann:hunter2@db:1/app");
  struct Case {
    const char* reason;
    const char* advice;
  };
  const Case cases[] = {
      {"FATAL:  password authentication failed for user \"ann\"", "check the user name"},
      {"fe_sendauth: no password supplied", "put the password"},
      {"FATAL:  no pg_hba.conf entry for host \"::1\"", "pg_hba.conf"},
      {"FATAL:  database \"app\" does not exist", "create the database"},
      {"FATAL:  role \"ann\" does not exist", "create the role"},
      {"FATAL:  sorry, too many clients already", "max_connections"},
      {"could not translate host name \"db\" to address", "check the host name"},
      {"timeout expired", "firewall"},
      {"Connection refused", "check that the server runs"},
      {"mirror says hunter2 hunter2", "check that the server runs"},
      {"invalid integer value \"hunter2\" for connection option \"port\"", "percent-encoded"},
  };
  for (const Case& c : cases) {
    const std::string text = connect_failure(conninfo, c.reason).to_string();
    EXPECT_NE(text.find(c.advice), std::string::npos) << text;
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace observerd::postgres
