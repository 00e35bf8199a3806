#include "search/settings.hpp"

#include <algorithm>
#include <string_view>

#include "common/client_settings.hpp"
#include "common/form.hpp"
#include "common/settings.hpp"

namespace observerd::search {
namespace {

using common::ProblemFn;

Flavour flavour_of(const std::string& name) {
  if (name == "opensearch") return Flavour::Opensearch;
  if (name == "meilisearch") return Flavour::Meilisearch;
  if (name == "typesense") return Flavour::Typesense;
  return Flavour::Elasticsearch;
}

Choice choice_of(const std::string& name) {
  if (name == "index") return Choice::Index;
  if (name == "update") return Choice::Update;
  if (name == "upsert") return Choice::Upsert;
  if (name == "delete") return Choice::Delete;
  return Choice::Auto;
}

bool flag(const json::Value& settings, std::string_view name) {
  const json::Value* value = settings.find(name);
  return value != nullptr && value->is_boolean() && value->as_boolean();
}

std::vector<common::Url> read_urls(const json::Value& settings, bool allow_http,
                                   const ProblemFn& problem) {
  std::vector<common::Url> urls;
  const auto add = [&](const json::Value& text, const std::string& pointer) {
    auto url = common::read_endpoint(text.text(), allow_http, pointer, problem);
    if (url && url->text.find('?') != std::string::npos) {
      problem(pointer, "must end before any question mark");
    } else if (url) {
      urls.push_back(*std::move(url));
    }
  };
  const json::Value* one = settings.find("url");
  const json::Value* several = settings.find("urls");
  if ((one == nullptr) == (several == nullptr)) {
    problem("", "url or urls must say where the search engine is, and not both");
    return urls;
  }
  if (one != nullptr) add(*one, "/url");
  if (several == nullptr) return urls;
  for (std::size_t i = 0; i < several->items().size(); ++i) {
    add(several->items()[i], json::join_pointer("/urls", i));
  }
  return urls;
}

struct Credential {
  const char* name;
  std::string header, value;
};

/// What shows who we are; of several, which exclude each other, the first.
common::Headers read_credentials(const json::Value& settings, Flavour flavour,
                                 const ProblemFn& problem) {
  std::vector<Credential> given;
  const std::string user = settings.string_or("username");
  const std::string password = settings.string_or("password");
  const std::string key = settings.string_or("api_key");
  const std::string token = settings.string_or("bearer_token");
  if (user.empty() != password.empty()) {
    problem("", "username and password belong together");
  }
  if (!user.empty()) {
    given.push_back({"username", "Authorization", common::basic_authorization(user, password)});
  }
  if (!key.empty()) {
    if (flavour == Flavour::Typesense) {
      given.push_back({"api_key", "X-TYPESENSE-API-KEY", key});
    } else {
      given.push_back(
          {"api_key", "Authorization", (is_bulk(flavour) ? "ApiKey " : "Bearer ") + key});
    }
  }
  if (!token.empty()) given.push_back({"bearer_token", "Authorization", "Bearer " + token});
  if (given.size() > 1) {
    problem("",
            "username, api_key and bearer_token exclude each other: one of them shows who asks");
  }
  common::Headers headers;
  for (const Credential& credential : given) {
    const std::string pointer = std::string("/") + credential.name;
    if (!is_bulk(flavour) && std::string_view(credential.name) != "api_key") {
      problem(pointer, "this flavour knows API keys only: use api_key");
    }
    if (!common::is_header_value(credential.value)) {
      problem(pointer, "holds characters that no header has, such as a line break");
    }
    if (headers.empty()) headers.emplace_back(credential.header, credential.value);
  }
  return headers;
}

/// The settings that only `_bulk` has.
void check_bulk_members(const json::Value& settings, const ProblemFn& problem) {
  for (const char* name : {"routing", "document_type", "refresh", "require_alias"}) {
    if (settings.find(name) == nullptr) continue;
    problem(std::string("/") + name, "only Elasticsearch and OpenSearch have this");
  }
}

}  // namespace

ModuleSettings parse_module(const json::Value& settings, bool allow_http,
                            const ProblemFn& problem) {
  ModuleSettings module;
  const std::string name = settings.string_or("flavour", "elasticsearch");
  module.flavour = flavour_of(name);
  module.urls = read_urls(settings, allow_http, problem);
  if (module.flavour == Flavour::Meilisearch && module.urls.size() > 1) {
    problem("/urls", "instances of Meilisearch are no cluster, each has its own tasks: name one");
  }
  module.credentials = read_credentials(settings, module.flavour, problem);
  module.max_request_bytes = static_cast<std::size_t>(
      common::integer_or(settings, "max_request_bytes", std::int64_t{8} * 1024 * 1024));
  if (!module.urls.empty()) module.lane_key = name + " " + module.urls.front().origin();
  return module;
}

ActionSettings parse_action(const json::Value& settings, Flavour flavour,
                            const ProblemFn& problem) {
  ActionSettings action;
  action.choice = choice_of(settings.string_or("operation"));
  action.index = settings.string_or("index");
  action.has_fixed_index = !common::is_template(action.index);
  action.id = settings.string_or("id");
  action.has_id = settings.find("id") != nullptr;
  action.has_document = settings.find("document") != nullptr;
  action.routing = settings.string_or("routing");
  action.document_type = settings.string_or("document_type");
  action.refresh = settings.string_or("refresh", "false");
  action.require_alias = flag(settings, "require_alias");
  action.primary_key = settings.string_or("primary_key", "id");
  if (action.has_fixed_index) {
    const std::string wrong = index_problem(action.index, flavour);
    if (!wrong.empty()) problem("/index", wrong);
  }
  if (!is_bulk(flavour)) check_bulk_members(settings, problem);
  if (flavour != Flavour::Meilisearch && settings.find("primary_key") != nullptr) {
    problem("/primary_key", "only Meilisearch has this");
  }
  if (flavour == Flavour::Meilisearch && action.choice == Choice::Update) {
    problem("/operation",
            "Meilisearch cannot change a document only if it is there; use upsert or index");
  }
  if (action.choice == Choice::Delete && action.has_document) {
    problem("/document", "nothing is written by the operation delete");
  }
  return action;
}

std::string index_problem(const std::string& name, Flavour flavour) {
  const auto has = [&](auto is_bad) { return std::any_of(name.begin(), name.end(), is_bad); };
  if (name.empty()) return "is empty";
  if (flavour == Flavour::Meilisearch) {
    const auto is_bad = [](char c) {
      return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_');
    };
    if (name.size() > 400 || has(is_bad)) return "must be letters, digits, - and _, at most 400";
    return {};
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (has(is_control)) return "holds control characters";
  if (flavour == Flavour::Typesense) return {};
  const auto is_bad = [](char c) {
    return std::string_view("\\/*?\"<>| ,#:").find(c) != std::string_view::npos ||
           (c >= 'A' && c <= 'Z');
  };
  if (has(is_bad)) return "must be lower case, without any of \\ / * ? \" < > | , # : and spaces";
  if (std::string_view("-_+").find(name.front()) != std::string_view::npos) {
    return "must not begin with -, _ or +";
  }
  if (name == "." || name == ".." || name.size() > 255) return "must be a name of 1 to 255 bytes";
  return {};
}

}  // namespace observerd::search
