#include "email/settings.hpp"

#include <utility>

#include "common/settings.hpp"
#include "email/message.hpp"

namespace observerd::email {
namespace {

using common::ProblemFn;

Security read_security(const json::Value& settings) {
  const std::string word = settings.string_or("security", "starttls");
  if (word == "tls") return Security::Tls;
  return word == "none" ? Security::None : Security::StartTls;
}

int usual_port(Security security) {
  switch (security) {
    case Security::StartTls:
      return 587;
    case Security::Tls:
      return 465;
    case Security::None:
      break;
  }
  return 25;
}

Login read_login(const json::Value& settings) {
  const bool has_user = settings.find("username") != nullptr;
  const std::string word = settings.string_or("auth", has_user ? "plain" : "none");
  if (word == "plain") return Login::Plain;
  if (word == "login") return Login::Login;
  return word == "xoauth2" ? Login::XOAuth2 : Login::None;
}

void check_login(const json::Value& settings, const Server& server, const ProblemFn& problem) {
  const auto need = [&](const char* name) {
    if (settings.find(name) == nullptr) {
      problem(std::string("/") + name, "is missing: the login of \"auth\" needs it");
    }
  };
  if (server.login == Login::None) {
    if (settings.find("username") != nullptr) {
      problem("/username", "is of no use with \"auth\": \"none\"");
    }
    return;
  }
  need("username");
  need(server.login == Login::XOAuth2 ? "token" : "password");
  if (server.security == Security::None) {
    problem("/security", "with none a login would be readable on the way; use starttls or tls");
  }
}

Server read_server(const json::Value& settings, const ProblemFn& problem) {
  Server server;
  server.security = read_security(settings);
  server.port = static_cast<int>(common::integer_or(settings, "port", usual_port(server.security)));
  server.login = read_login(settings);
  server.user = settings.string_or("username");
  server.secret = settings.string_or(server.login == Login::XOAuth2 ? "token" : "password");
  server.hello_name = settings.string_or("hello_name");
  check_login(settings, server, problem);
  server.host = settings.string_or("host");
  if (server.host.find(':') == std::string::npos) {  // else an IPv6 address
    auto host = ascii_domain(server.host);
    if (host) {
      server.host = *std::move(host);
    } else {
      problem("/host", "is no name or address of a server");
    }
  } else if (server.host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string::npos) {
    problem("/host", "is no IPv6 address; the port has a setting of its own");
  }
  return server;
}

std::optional<Mailbox> read_mailbox(const std::string& text, const std::string& pointer,
                                    const ProblemFn& problem) {
  auto mailbox = parse_mailbox(text);
  if (mailbox) return *std::move(mailbox);
  problem(pointer, mailbox.status().message());
  return std::nullopt;
}

std::optional<DkimSigner> read_signer(const json::Value& settings, const ProblemFn& problem) {
  bool has_all = true;
  bool has_any = false;
  for (const char* name : {"dkim_domain", "dkim_selector", "dkim_key"}) {
    const bool is_there = settings.find(name) != nullptr;
    has_all = has_all && is_there;
    has_any = has_any || is_there;
  }
  if (!has_any) return std::nullopt;
  if (!has_all) {
    problem("", "dkim_domain, dkim_selector and dkim_key belong together");
    return std::nullopt;
  }
  auto domain = ascii_domain(settings.string_or("dkim_domain"));
  if (!domain) {
    problem("/dkim_domain", domain.status().message());
    return std::nullopt;
  }
  auto signer = DkimSigner::create(*std::move(domain), settings.string_or("dkim_selector"),
                                   settings.string_or("dkim_key"));
  if (signer) return *std::move(signer);
  problem("/dkim_key", signer.status().message());
  return std::nullopt;
}

/// Addresses that no template makes are looked at now.
void check_mailboxes(const json::Value& settings, const char* name, const ProblemFn& problem) {
  const json::Value* value = settings.find(name);
  if (value == nullptr) return;
  const std::string pointer = std::string("/") + name;
  const auto check = [&](const json::Value& one, const std::string& where) {
    if (one.is_string() && !common::is_template(one.text())) {
      read_mailbox(one.text(), where, problem);
    }
  };
  if (!value->is_array()) return check(*value, pointer);
  for (std::size_t i = 0; i < value->items().size(); ++i) {
    check(value->items()[i], json::join_pointer(pointer, i));
  }
}

void check_headers(const json::Value& settings, const ProblemFn& problem) {
  const json::Value* headers = settings.find("headers");
  if (headers == nullptr) return;
  for (const json::Member& header : headers->members()) {
    const std::string pointer = json::join_pointer("/headers", header.first);
    if (!common::is_header_name(header.first)) {
      problem(pointer, "is no name of a header");
    } else if (is_own_header(header.first)) {
      problem(pointer, "cannot be set here: it has a setting of its own, or is made from the mail");
    }
  }
}

}  // namespace

ModuleSettings parse_module(const json::Value& settings, const ProblemFn& problem) {
  ModuleSettings module;
  common::ClientSettings client = common::parse_client_settings(settings, problem);
  module.server = read_server(settings, problem);
  module.server.client = std::move(client.client);
  module.timeout = client.timeout;
  module.max_connections =
      static_cast<std::size_t>(common::integer_or(settings, "max_connections", 8));
  if (const json::Value* from = settings.find("from")) {
    module.from = read_mailbox(from->text(), "/from", problem);
  }
  if (const json::Value* from = settings.find("envelope_from")) {
    const auto mailbox = read_mailbox(from->text(), "/envelope_from", problem);
    if (mailbox) module.envelope_from = mailbox->address();
  }
  module.signer = read_signer(settings, problem);
  return module;
}

ActionSettings parse_action(const json::Value& settings, const ModuleSettings& module,
                            const common::ProblemFn& problem) {
  ActionSettings action;
  action.members = settings;
  for (const char* name : {"from", "to", "cc", "bcc", "reply_to"}) {
    check_mailboxes(settings, name, problem);
  }
  check_headers(settings, problem);
  const json::Value* from = settings.find("from");
  if (from == nullptr && !module.from) {
    problem("/from", "somebody must send it: set it here or in the module's settings");
  }
  action.has_fixed_sender =
      !module.envelope_from.empty() || from == nullptr || !common::is_template(from->text());
  if (settings.find("text") == nullptr && settings.find("html") == nullptr) {
    problem("", "text or html must say what is in the mail");
  }
  return action;
}

}  // namespace observerd::email
