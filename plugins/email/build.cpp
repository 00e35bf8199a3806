#include "email/build.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/strings.hpp"
#include "common/base64.hpp"
#include "common/settings.hpp"

namespace observerd::email {
namespace {

constexpr std::size_t kMostRecipients = 1'000;

/// Reads the rendered members into a message; the first thing that is wrong is kept.
class Builder {
 public:
  explicit Builder(const json::Value& members) : members_(members) {}

  bool ok() const { return !problem_; }
  sdk::Result problem() && { return *std::move(problem_); }

  std::vector<Mailbox> mailboxes(const char* name) {
    std::vector<Mailbox> found;
    if (const json::Value* value = members_.find(name)) add_mailboxes(*value, name, found);
    return found;
  }

  common::Headers headers() {
    common::Headers headers;
    const json::Value* value = members_.find("headers");
    if (value == nullptr) return headers;
    for (const json::Member& header : value->members()) {
      const std::string& text = header.second.text();
      if (!common::is_header_value(trim(text)) || !is_valid_utf8(text)) {
        reject("email_bad_header",
               "the value of " + header.first + " holds a line break or another control character");
      } else if (!trim(text).empty()) {
        headers.emplace_back(header.first, trim(text));
      }
    }
    return headers;
  }

  std::vector<Attachment> attachments() {
    std::vector<Attachment> found;
    const json::Value* value = members_.find("attachments");
    if (value == nullptr) return found;
    for (const json::Value& one : value->items()) {
      const std::string content = one.string_or("content");
      if (content.empty()) continue;
      const std::string encoding = one.string_or("encoding", "text");
      auto bytes = decoded(content, encoding);
      if (!bytes) {
        reject("email_bad_attachment",
               "the content of an attachment is not what its encoding says");
        continue;
      }
      std::string type = one.string_or("type", "application/octet-stream");
      if (encoding == "text" && ascii_lower(type.substr(0, 5)) == "text/")
        type += "; charset=utf-8";
      found.push_back({one.string_or("name"), std::move(type), *std::move(bytes)});
    }
    return found;
  }

  void reject(const char* code, std::string text) {
    if (!problem_) problem_ = sdk::rejected(code, std::move(text));
  }

 private:
  void add_mailboxes(const json::Value& value, const char* name, std::vector<Mailbox>& found) {
    if (value.is_array()) {
      for (const json::Value& one : value.items()) add_mailboxes(one, name, found);
      return;
    }
    if (value.is_null() || (value.is_string() && trim(value.text()).empty())) return;
    auto mailbox = value.is_string()
                       ? parse_mailbox(value.text())
                       : Status::error(Code::ActionSettings, "is neither a text nor a list");
    if (mailbox) {
      found.push_back(*std::move(mailbox));
    } else {
      reject("email_bad_address", "what \"" + std::string(name) + "\" makes of this event " +
                                      mailbox.status().message());
    }
  }

  static std::optional<std::string> decoded(const std::string& content,
                                            const std::string& encoding) {
    if (encoding == "text") return content;
    return encoding == "hex" ? from_hex(content) : from_base64(content);
  }

  /// PostgreSQL's encode(…, 'base64') breaks lines.
  static std::optional<std::string> from_base64(const std::string& content) {
    std::string text;
    std::copy_if(content.begin(), content.end(), std::back_inserter(text),
                 [](char c) { return c != '\n' && c != '\r' && c != ' '; });
    return common::base64_decode(text);
  }

  static std::optional<std::string> from_hex(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    if (text.starts_with("\\x")) text.remove_prefix(2);
    if (text.size() % 2 != 0) return std::nullopt;
    const std::string digits = ascii_lower(text);
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
      const std::size_t high = kDigits.find(digits[i]);
      const std::size_t low = kDigits.find(digits[i + 1]);
      if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
      bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
  }

  const json::Value& members_;
  std::optional<sdk::Result> problem_;
};

std::vector<std::string> recipients_of(const Message& message) {
  std::vector<std::string> recipients;
  std::set<std::string> known;
  for (const auto* list : {&message.to, &message.cc, &message.bcc}) {
    for (const Mailbox& mailbox : *list) {
      std::string address = mailbox.address();
      if (known.insert(address).second) recipients.push_back(std::move(address));
    }
  }
  return recipients;
}

Message read_message(Builder& builder, const json::Value& members, const ModuleSettings& module) {
  Message message;
  auto from = builder.mailboxes("from");
  if (!from.empty()) {
    message.from = std::move(from.front());
  } else if (module.from) {
    message.from = *module.from;
  } else {
    builder.reject("email_bad_address", "\"from\" is empty for this event");
  }
  message.to = builder.mailboxes("to");
  message.cc = builder.mailboxes("cc");
  message.bcc = builder.mailboxes("bcc");
  message.reply_to = builder.mailboxes("reply_to");
  message.subject = members.string_or("subject");
  message.text = members.string_or("text");
  message.html = members.string_or("html");
  message.headers = builder.headers();
  message.attachments = builder.attachments();
  return message;
}

}  // namespace

std::variant<Mail, sdk::Result> build_mail(const ActionSettings& action,
                                           const ModuleSettings& module, const sdk::Item& item,
                                           WallTime now) {
  const auto members = common::rendered_members(action.members, item.settings());
  if (!members) return sdk::rejected("bad_settings", "the rendered settings are not JSON");
  Builder builder(*members);
  Message message = read_message(builder, *members, module);
  message.id = item.delivery_id();
  message.date = now;
  Mail mail;
  mail.recipients = recipients_of(message);
  if (builder.ok() && mail.recipients.empty()) {
    builder.reject("email_no_recipient", "to, cc and bcc are empty for this event");
  }
  if (mail.recipients.size() > kMostRecipients) {
    builder.reject("email_too_many_recipients", "more than 1000 recipients for one event");
  }
  if (!builder.ok()) return std::move(builder).problem();
  mail.sender = module.envelope_from.empty() ? message.from.address() : module.envelope_from;
  mail.needs_utf8 = message.needs_utf8();
  mail.text = compose(message);
  if (!module.signer) return mail;
  auto signature = module.signer->sign(mail.text, now);
  if (!signature) return sdk::retry("email_not_signed", signature.status().message());
  mail.text.insert(0, *signature);
  return mail;
}

}  // namespace observerd::email
