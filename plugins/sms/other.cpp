#include <algorithm>
#include <map>
#include <vector>

#include "base/strings.hpp"
#include "common/classify.hpp"
#include "common/client_settings.hpp"
#include "common/form.hpp"
#include "sms/provider.hpp"

/// Any provider with an HTTP interface, as the settings describe it.
namespace observerd::sms {
namespace {

using common::ProblemFn;

struct Description {
  common::Url url;
  bool is_json = true;
  common::Headers headers;
  std::map<std::string, std::string> fields;  ///< ours -> theirs
  std::string success_pointer, success_value;
  std::string id_pointer, error_pointer;
  std::vector<std::string> retry_errors;
};

/// The text of a scalar at a place of the answer; "" when there is none.
std::string text_at(const json::Value& answer, const std::string& pointer) {
  const json::Value* value = pointer.empty() ? nullptr : json::at_pointer(answer, pointer);
  if (value == nullptr || value->is_null()) return {};
  if (value->is_boolean()) return value->as_boolean() ? "true" : "false";
  return value->is_string() || value->is_number() ? value->text() : std::string();
}

class Other final : public Provider {
 public:
  explicit Other(Description description) : it_(std::move(description)) {}

  std::string origin() const override { return it_.url.origin(); }

  common::Request request(const Message& message) const override {
    common::Form form;
    const auto put = [&](const char* ours, const std::string& value) {
      const auto theirs = it_.fields.find(ours);
      if (theirs != it_.fields.end() && !value.empty()) form.emplace_back(theirs->second, value);
    };
    put("to", message.to);
    put("from", message.from);
    put("message", message.text);
    put("id", message.id);
    put("status_callback", message.status_callback);
    common::Request request;
    request.url = it_.url;
    request.headers = it_.headers;
    request.headers.emplace_back(
        "Content-Type", it_.is_json ? "application/json" : "application/x-www-form-urlencoded");
    request.body = it_.is_json ? to_json(form) : common::encode_form(form);
    return request;
  }

  sdk::Result judge(const common::Response& response, WallTime now) const override {
    sdk::Result result = common::classify(response, now);
    const json::Value answer = common::json_answer(response);
    const std::string error = text_at(answer, it_.error_pointer);
    const bool is_taken =
        it_.success_pointer.empty() || text_at(answer, it_.success_pointer) == it_.success_value;
    if (result.outcome == OBSERVERD_DELIVERED && is_taken) {
      return sdk::delivered(text_at(answer, it_.id_pointer));
    }
    const bool may_help = std::find(it_.retry_errors.begin(), it_.retry_errors.end(), error) !=
                          it_.retry_errors.end();
    const std::string code = error.empty() ? "sms_not_taken" : "sms_" + common::excerpt(error, 40);
    const std::string text = "the provider did not take it: " + common::excerpt(response.body, 200);
    if (!error.empty() && may_help) return sdk::retry(code, text);
    if (result.outcome == OBSERVERD_DELIVERED) return sdk::rejected(code, text);
    if (!error.empty()) result.code = code;
    return result;
  }

 private:
  static std::string to_json(const common::Form& form) {
    json::Value body = json::Value::object();
    for (const auto& [name, value] : form) body.set(name, json::Value::string(value));
    return json::write(body);
  }

  const Description it_;
};

void read_headers(const json::Value& http, Description& out, const ProblemFn& problem) {
  const json::Value* headers = http.find("headers");
  if (headers == nullptr) return;
  for (const auto& [name, value] : headers->members()) {
    const bool is_ours = common::is_reserved_header(name) || ascii_iequals(name, "Content-Type");
    if (!common::is_header_name(name) || is_ours || !common::is_header_value(value.text())) {
      problem(json::join_pointer("/http/headers", name),
              is_ours ? "this header is set by observerd and cannot be configured"
                      : "is no header that can be sent");
      continue;
    }
    out.headers.emplace_back(name, value.text());
  }
}

void read_fields(const json::Value& http, Description& out, const ProblemFn& problem) {
  out.fields = {{"to", "to"}, {"from", "from"}, {"message", "text"}};
  const json::Value* fields = http.find("fields");
  if (fields == nullptr) return;
  out.fields.clear();
  const std::vector<std::string> known{"to", "from", "message", "id", "status_callback"};
  for (const auto& [ours, theirs] : fields->members()) {
    if (std::find(known.begin(), known.end(), ours) == known.end()) {
      problem(json::join_pointer("/http/fields", ours),
              "is no part of a message" + did_you_mean(ours, known));
    }
    out.fields[ours] = theirs.text();
  }
  for (const char* needed : {"to", "message"}) {
    if (out.fields.count(needed) == 0) {
      problem("/http/fields", std::string("must name the provider's field for \"") + needed + "\"");
    }
  }
}

}  // namespace

std::unique_ptr<const Provider> make_other(const json::Value& settings, bool allow_http,
                                           const ProblemFn& problem) {
  Description out;
  const json::Value* http = settings.find("http");
  if (http == nullptr) {
    problem("", "the provider \"http\" needs the member http, which describes it");
    return nullptr;
  }
  out.url = common::read_endpoint(http->string_or("url"), allow_http, "/http/url", problem)
                .value_or(common::Url());
  out.is_json = http->string_or("encoding", "json") == "json";
  read_headers(*http, out, problem);
  read_fields(*http, out, problem);
  out.success_pointer = http->string_or("success_pointer");
  out.success_value = http->string_or("success_value", "true");
  out.id_pointer = http->string_or("id_pointer");
  out.error_pointer = http->string_or("error_pointer");
  if (const json::Value* errors = http->find("retry_errors")) {
    for (const json::Value& error : errors->items()) out.retry_errors.push_back(error.text());
  }
  return std::make_unique<Other>(std::move(out));
}

}  // namespace observerd::sms
