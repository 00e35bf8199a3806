#include "support/meilisearch_fake.hpp"

#include <algorithm>
#include <utility>

namespace observerd::testing {
namespace {

HttpReply json_reply(int status, const std::string& body) {
  return HttpReply(status, body).with("Content-Type", "application/json");
}

HttpReply refusal(int status, const std::string& code, const std::string& type) {
  return json_reply(status, R"({"message":"told","code":")" + code + R"(","type":")" + type +
                                R"(","link":"https://docs.meilisearch.com/errors"})");
}

/// The ids that Meilisearch takes: integers, and strings of these characters.
bool is_document_id(const json::Value& id) {
  if (id.is_number()) return id.text().find_first_not_of("0123456789") == std::string::npos;
  if (!id.is_string()) return false;
  return !id.text().empty() && id.text().size() <= 511 &&
         id.text().find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
             "0123456789-_") == std::string::npos;
}

}  // namespace

MeilisearchFake::MeilisearchFake(std::string key) : key_(std::move(key)) {
  server_.handle([this](const HttpRequest& request) { return answer(request); });
}

void MeilisearchFake::set_looks(int looks) {
  const std::lock_guard lock(mutex_);
  looks_ = looks;
}

void MeilisearchFake::fail_tasks(const std::string& code, const std::string& type) {
  const std::lock_guard lock(mutex_);
  failure_ = code;
  failure_type_ = type;
}

void MeilisearchFake::make_index(const std::string& index, const std::string& primary_key) {
  const std::lock_guard lock(mutex_);
  indexes_[index].primary_key = primary_key;
}

std::string MeilisearchFake::document(const std::string& index, const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = indexes_.find(index);
  if (found == indexes_.end()) return {};
  const auto document = found->second.documents.find(id);
  return document == found->second.documents.end() ? "" : json::write(document->second);
}

HttpReply MeilisearchFake::answer(const HttpRequest& request) {
  const std::string authorization = request.header("Authorization");
  if (authorization.empty()) return refusal(401, "missing_authorization_header", "auth");
  if (authorization != "Bearer " + key_) return refusal(403, "invalid_api_key", "auth");
  const std::lock_guard lock(mutex_);
  if (request.method == "GET" && request.target.starts_with("/tasks")) {
    return look(request.target.substr(6));
  }
  if (request.target.starts_with("/indexes/")) return change(request);
  return refusal(404, "not_found", "invalid_request");
}

HttpReply MeilisearchFake::change(const HttpRequest& request) {
  if (request.header("Content-Type") != "application/json") {
    return refusal(415, "invalid_content_type", "invalid_request");
  }
  const auto body = json::parse(request.body, Code::ActionFailed);
  if (!body) return refusal(400, "malformed_payload", "invalid_request");
  if (!body->is_array()) return refusal(400, "bad_request", "invalid_request");
  const std::string path = request.target.substr(9, request.target.find('?') - 9);
  Task task;
  task.index = path.substr(0, path.find('/'));
  task.body = *body;
  const std::string rest = path.substr(task.index.size());
  if (rest == "/documents/delete-batch" && request.method == "POST") {
    task.kind = Kind::Delete;
  } else if (rest == "/documents" && (request.method == "POST" || request.method == "PUT")) {
    task.kind = request.method == "POST" ? Kind::Replace : Kind::Change;
    const std::size_t key = request.target.find("?primaryKey=");
    if (key != std::string::npos) task.primary_key = request.target.substr(key + 12);
  } else {
    return refusal(404, "not_found", "invalid_request");
  }
  const int uid = tasks_.empty() ? 1 : tasks_.rbegin()->first + 1;
  const std::string index = task.index;
  tasks_.emplace(uid, std::move(task));
  return json_reply(202, R"({"taskUid":)" + std::to_string(uid) + R"(,"indexUid":")" + index +
                             R"(","status":"enqueued","type":"documentAdditionOrUpdate",)"
                             R"("enqueuedAt":"2026-01-31T12:00:00Z"})");
}

HttpReply MeilisearchFake::look(const std::string& rest) {
  if (rest == "?limit=1") return json_reply(200, R"({"results":[],"total":0,"limit":1})");
  const auto found = rest.size() < 2 ? tasks_.end() : tasks_.find(std::atoi(rest.c_str() + 1));
  if (found == tasks_.end()) return refusal(404, "task_not_found", "invalid_request");
  Task& asked = found->second;
  if (++asked.looks >= looks_) {
    // In the order in which they came.
    for (auto task = tasks_.begin(); task != std::next(found); ++task) carry_out(task->second);
  } else if (asked.status == "enqueued" && asked.looks > 1) {
    asked.status = "processing";
  }
  std::string error = "null";
  if (asked.status == "failed") error = refusal(0, asked.error, asked.error_type).body;
  return json_reply(200, R"({"uid":)" + rest.substr(1) + R"(,"status":")" + asked.status +
                             R"(","type":"documentAdditionOrUpdate","error":)" + error + "}");
}

void MeilisearchFake::carry_out(Task& task) {
  if (task.status != "enqueued" && task.status != "processing") return;
  task.error = failure_;
  task.error_type = failure_type_;
  const bool is_canceled = failure_ == "canceled";
  if (task.error.empty()) {
    task.error_type = "invalid_request";
    if (task.kind == Kind::Delete) {
      const auto index = indexes_.find(task.index);
      if (index == indexes_.end()) {
        task.error = "index_not_found";
      } else {
        for (const json::Value& id : task.body.items()) index->second.documents.erase(id.text());
      }
    } else {
      write(task);
    }
  }
  task.status = is_canceled ? "canceled" : task.error.empty() ? "succeeded" : "failed";
}

void MeilisearchFake::write(Task& task) {
  for (const json::Value& document : task.body.items()) {
    const json::Value* id = document.find(task.primary_key);
    if (id == nullptr) {
      task.error = "missing_document_id";
    } else if (!is_document_id(*id)) {
      task.error = "invalid_document_id";
    }
  }
  Index& index = indexes_[task.index];
  if (index.primary_key.empty()) index.primary_key = task.primary_key;
  if (index.primary_key != task.primary_key) task.error = "index_primary_key_already_exists";
  if (!task.error.empty()) return;
  for (const json::Value& document : task.body.items()) {
    json::Value& stored = index.documents[document.find(task.primary_key)->text()];
    if (task.kind == Kind::Replace) stored = json::Value::object();
    for (const json::Member& member : document.members()) stored.set(member.first, member.second);
  }
}

}  // namespace observerd::testing
