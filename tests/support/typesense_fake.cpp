#include "support/typesense_fake.hpp"

#include <sstream>
#include <utility>

namespace observerd::testing {
namespace {

HttpReply message(int status, const std::string& text) {
  return HttpReply(status, R"({"message": ")" + text + "\"}");
}

std::string failure(int code, const std::string& error, const std::string& line) {
  return R"({"code":)" + std::to_string(code) + R"(,"document":)" + json::quote(line) +
         R"(,"error":)" + json::quote(error) + R"(,"success":false})";
}

}  // namespace

TypesenseFake::TypesenseFake(std::string key) : key_(std::move(key)) {
  server_.handle([this](const HttpRequest& request) { return answer(request); });
}

void TypesenseFake::make_collection(const std::string& name, const std::string& number) {
  const std::lock_guard lock(mutex_);
  collections_[name].number = number;
}

std::string TypesenseFake::document(const std::string& collection, const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = collections_.find(collection);
  if (found == collections_.end()) return {};
  const auto document = found->second.documents.find(id);
  return document == found->second.documents.end() ? "" : json::write(document->second);
}

HttpReply TypesenseFake::answer(const HttpRequest& request) {
  if (request.header("X-TYPESENSE-API-KEY") != key_) {
    return message(401, "Forbidden - a valid `x-typesense-api-key` header must be sent.");
  }
  const std::lock_guard lock(mutex_);
  const std::string path = request.target.substr(0, request.target.find('?'));
  if (path == "/health") return HttpReply(200, R"({"ok":true})");
  if (!path.starts_with("/collections/")) return message(404, "Not Found");
  const std::string name = path.substr(13, path.find('/', 13) - 13);
  const std::string rest = path.substr(13 + name.size());
  const auto found = collections_.find(name);
  if (found == collections_.end()) return message(404, "Collection not found");
  if (rest.empty() && request.method == "GET") return HttpReply(200, R"({"name":"x"})");
  if (rest == "/documents/import" && request.method == "POST") {
    const std::string action = request.target.substr(request.target.find("action=") + 7);
    std::istringstream lines(request.body);
    std::string out;
    for (std::string line; std::getline(lines, line);) {
      out += (out.empty() ? "" : "\n") + import_line(found->second, action, line);
    }
    if (out.empty()) return message(400, "The request body was empty.");
    return HttpReply(200, out);
  }
  if (rest.starts_with("/documents/") && request.method == "DELETE") {
    const std::string id = rest.substr(11);
    if (found->second.documents.erase(id) == 1) return HttpReply(200, R"({"id":")" + id + "\"}");
    return message(404, "Could not find a document with id: " + id);
  }
  return message(404, "Not Found");
}

std::string TypesenseFake::import_line(Collection& collection, const std::string& action,
                                       const std::string& line) {
  const auto document = json::parse(line, Code::ActionFailed);
  if (!document || !document->is_object()) return failure(400, "Bad JSON.", line);
  const json::Value* id = document->find("id");
  if (id == nullptr || !id->is_string()) {
    return failure(400, "Document's `id` field should be a string.", line);
  }
  const json::Value* number = document->find(collection.number);
  if (number != nullptr && !number->is_number()) {
    return failure(400, "Field `" + collection.number + "` must be a float.", line);
  }
  const bool is_there = collection.documents.count(id->text()) == 1;
  if (action == "update" && !is_there) {
    return failure(404, "Could not find a document with id: " + id->text(), line);
  }
  if (action == "upsert" && number == nullptr) {
    return failure(400,
                   "Field `" + collection.number +
                       "` has been declared in the schema, but is not found in the document.",
                   line);
  }
  if (action != "upsert" && action != "update" && action != "emplace") {
    return failure(400, "Parameter `action` must be create|update|upsert|emplace.", line);
  }
  json::Value& stored = collection.documents[id->text()];
  if (action == "upsert") stored = json::Value::object();
  for (const json::Member& member : document->members()) stored.set(member.first, member.second);
  return R"({"success":true})";
}

}  // namespace observerd::testing
