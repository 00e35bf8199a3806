#include "config/settings_mask.hpp"

#include "base/strings.hpp"
#include "config/load.hpp"
#include "config/masking.hpp"
#include "config/references.hpp"

namespace observerd::config {
namespace {

class Masker {
 public:
  Masker(bool judge_by_name, std::vector<std::string>* secrets)
      : judge_by_name_(judge_by_name), secrets_(secrets) {}

  json::Value mask(const json::Value& value, const SchemaView& schema, bool in_headers) {
    if (is_reference(value, schema)) return value;
    if (schema.is_secret()) return mask_all(value);
    if (value.is_string()) return mask_urls(value);
    json::Value out = value;
    if (out.is_array()) {
      for (json::Value& item : out.items()) item = mask(item, schema.item(), false);
    } else if (out.is_object()) {
      for (json::Member& member : out.members()) mask_member(member, schema, in_headers);
    }
    return out;
  }

 private:
  bool is_reference(const json::Value& value, const SchemaView& schema) const {
    return judge_by_name_ ? looks_like_reference(value) : schema.takes_reference(value);
  }

  void mask_member(json::Member& member, const SchemaView& schema, bool in_headers) {
    auto& [name, value] = member;
    const SchemaView below = schema.member(name);
    if (is_short_form(name, value, schema)) return;
    const bool literal = !is_reference(value, below);
    const bool credential = (in_headers && header_suggests_credential(name)) ||
                            (judge_by_name_ && setting_suggests_credential(name));
    value = credential && literal ? mask_all(value)
                                  : mask(value, below, ascii_iequals(name, "headers"));
  }

  bool is_short_form(std::string_view name, const json::Value& value,
                     const SchemaView& schema) const {
    const std::string_view base = short_form_base(name);
    if (base.empty() || !value.is_string()) return false;
    return judge_by_name_ || (!schema.has_property(name) && schema.has_string_property(base));
  }

  /// Every leaf below: a key given as a whole JSON object, a list of signing secrets.
  json::Value mask_all(const json::Value& value) {
    json::Value out = value;
    if (out.is_array()) {
      for (json::Value& item : out.items()) {
        item = looks_like_reference(item) ? item : mask_all(item);
      }
    } else if (out.is_object()) {
      for (auto& [name, member] : out.members()) member = mask_all(member);
    } else {
      if (out.is_string()) keep_secret(out.text());
      out = json::Value::string(std::string(kMasked));
      out.set_origin(value.origin());
    }
    return out;
  }

  json::Value mask_urls(const json::Value& value) {
    std::string text = value.text();
    const auto spans = url_password_spans(text);
    if (spans.empty()) return value;
    for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
      const std::string password = text.substr(span->first, span->second - span->first);
      keep_secret(password);
      keep_secret(percent_decoded(password));
      text.replace(span->first, password.size(), kMasked);
    }
    json::Value out = json::Value::string(std::move(text));
    out.set_origin(value.origin());
    return out;
  }

  void keep_secret(const std::string& secret) {
    if (secrets_ == nullptr || secret.empty()) return;
    secrets_->push_back(secret);
    // "Bearer x": the receiver's answer may show x alone.
    const auto space = secret.find(' ');
    if (space != std::string::npos && secret.find(' ', space + 1) == std::string::npos) {
      secrets_->push_back(secret.substr(space + 1));
    }
  }

  bool judge_by_name_;
  std::vector<std::string>* secrets_;
};

}  // namespace

json::Value mask_settings(const json::Value& settings, const SchemaView& schema, bool judge_by_name,
                          std::vector<std::string>* secrets) {
  return Masker(judge_by_name, secrets).mask(settings, schema, false);
}

}  // namespace observerd::config
