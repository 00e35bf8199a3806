#include "slack/settings.hpp"

#include "base/uuid.hpp"
#include "common/settings.hpp"

namespace observerd::slack {
namespace {

using common::ProblemFn;

/// Tells webhooks of one origin apart without showing their URLs, which are secrets.
std::string webhook_lane(const common::Url& url) {
  return url.origin() + " webhook " + Uuid::v5(Uuid{}, url.text).to_string().substr(0, 8);
}

void check_webhook_members(const json::Value& settings, const ProblemFn& problem) {
  for (const char* name : {"channel", "username", "icon_emoji"}) {
    if (settings.find(name) == nullptr) continue;
    problem(std::string("/") + name,
            "a webhook posts to the channel and under the name that it was made for; leave this"
            " out, or use a token and channel instead of webhook_url");
  }
}

}  // namespace

ModuleSettings parse_module(const json::Value& settings, bool allow_http,
                            const ProblemFn& problem) {
  ModuleSettings module;
  module.token = settings.string_or("token");
  if (!common::is_header_value(module.token)) {
    problem("/token", "holds characters that no token has, such as a line break");
  }
  const std::string base = settings.string_or("base_url", "https://slack.com/api");
  if (auto url = common::read_endpoint(base, allow_http, "/base_url", problem))
    module.api = *std::move(url);
  return module;
}

ActionSettings parse_action(const json::Value& settings, const ModuleSettings& module,
                            bool allow_http, const ProblemFn& problem) {
  ActionSettings action;
  const json::Value* channel = settings.find("channel");
  if (const json::Value* webhook = settings.find("webhook_url")) {
    check_webhook_members(settings, problem);
    action.webhook = common::read_endpoint(webhook->text(), allow_http, "/webhook_url", problem);
    if (action.webhook) action.lane_key = webhook_lane(*action.webhook);
  } else if (channel == nullptr) {
    problem("", "webhook_url or channel must say where the message goes");
  } else if (module.token.empty()) {
    problem("/channel", "needs the module's token: plugins.settings.slack.token");
  } else {
    action.has_fixed_channel = !common::is_template(channel->text());
    action.lane_key = module.api.origin();
  }
  for (const json::Member& member : settings.members()) {
    if (member.first == "webhook_url") continue;
    action.message.set(member.first, member.second);
  }
  return action;
}

}  // namespace observerd::slack
