#include "postgres/conninfo.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string_view>

#include "base/strings.hpp"

namespace observerd::postgres {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

std::string quote_value(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out += '\'';
}

Status unreadable(std::string reason) {
  return Status::error(Code::Database, "the database URL " + std::move(reason))
      .note("write postgresql://USER@HOST:PORT/DATABASE, or keywords such as host=… dbname=…")
      .note("special characters in a user name or password are percent-encoded in a URL");
}

/// A peer that vanished is noticed in about 15 seconds, by silence or by unacknowledged data.
constexpr std::array<std::pair<const char*, const char*>, 5> kKeepalives{{
    {"keepalives", "1"},
    {"keepalives_idle", "5"},
    {"keepalives_interval", "3"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "15000"},
}};

std::string describe_target(const std::map<std::string, std::string>& values) {
  const auto value = [&](const char* name) {
    const auto found = values.find(name);
    return found == values.end() ? std::string() : found->second;
  };
  std::string target =
      value("dbname").empty() ? "the default database" : "database \"" + value("dbname") + "\"";
  const std::string host = value("host").empty() ? value("hostaddr") : value("host");
  if (!host.empty()) target += " at " + host;
  if (!value("port").empty()) target += (host.empty() ? " at port " : ":") + value("port");
  return target;
}

struct Advice {
  std::string_view symptom;  ///< a piece of the message of libpq or the server, in English
  std::string_view advice;
};

constexpr std::array<Advice, 10> kAdvice{{
    {"password authentication failed", "check the user name and the password in database.url"},
    {"no password supplied", "put the password into database.url (better: a reference to it)"},
    {"no pg_hba.conf entry", "allow this host, user and database in the server's pg_hba.conf"},
    {"role \"", "create the role, or name another one in database.url"},
    {"database \"", "create the database, or name another one in database.url"},
    {"too many", "raise max_connections of the server, or close other connections"},
    {"remaining connection slots", "raise max_connections of the server, or close other clients"},
    {"could not translate host name", "check the host name in database.url"},
    {"timeout expired", "check host and port in database.url, and any firewall between"},
    {"starting up", "the server is starting: this will pass"},
}};

std::string_view advice_for(std::string_view reason) {
  for (const Advice& known : kAdvice) {
    if (reason.find(known.symptom) != std::string_view::npos) return known.advice;
  }
  return "check that the server runs and that host, port and user in database.url are right";
}

}  // namespace

Result<Conninfo> make_conninfo(const Options& options) {
  if (trim(options.url).empty()) return unreadable("is empty");
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> parsed(
      PQconninfoParse(options.url.c_str(), &error));
  if (!parsed) {
    PQfreemem(error);
    return unreadable("cannot be read");
  }
  std::map<std::string, std::string> values;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) values[option->keyword] = option->val;
  }
  const auto fallback = [&](const char* name, std::string value) {
    values.try_emplace(name, std::move(value));
  };
  // libpq counts whole seconds and takes anything below two for two.
  fallback("connect_timeout", std::to_string((options.connect_timeout.count() + 999) / 1000));
  fallback("fallback_application_name", options.application_name);
  for (const auto& [name, value] : kKeepalives) fallback(name, value);
  values["client_encoding"] = "UTF8";

  Conninfo conninfo;
  conninfo.target = describe_target(values);
  conninfo.password = values["password"];
  for (const auto& [name, value] : values) {
    if (value.empty()) continue;
    if (!conninfo.text.empty()) conninfo.text += ' ';
    conninfo.text += name + '=' + quote_value(value);
  }
  return conninfo;
}

Status connect_failure(const Conninfo& conninfo, std::string reason) {
  // libpq names the offending text of a malformed option: with an unencoded '/' or '@' in the
  // URL that text is a piece of the password.
  if (reason.rfind("invalid", 0) == 0) return unreadable("has an option that makes no sense");
  if (!conninfo.password.empty()) {
    for (std::size_t at = 0; (at = reason.find(conninfo.password, at)) != std::string::npos;
         at += 3) {
      reason.replace(at, conninfo.password.size(), "***");
    }
  }
  Status status = Status::error(Code::Database, "cannot connect to " + conninfo.target);
  std::string_view rest = trim(reason);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    status.note(std::string(trim(rest.substr(0, end))));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return status.note(std::string(advice_for(reason)));
}

}  // namespace observerd::postgres
