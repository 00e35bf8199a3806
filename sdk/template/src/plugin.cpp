#include <observerd/plugin.hpp>

#include "address.hpp"
#include "answer.hpp"
#include "exchange.hpp"
#include "schema.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace sdk = observerd::sdk;

namespace {

constexpr std::size_t longest_line = 64 * 1024;
constexpr std::chrono::seconds probe_time{5};

/// What bind makes of one action's settings.
struct Target final : sdk::Action {
  Address address;
  std::string token;
};

/// The line with what the receiver needs to tell senders and repetitions apart.
std::string request(const sdk::Item& item, std::string_view line) {
  return R"({"token": )" + sdk::json_quoted(item.action<Target>().token) + R"(, "id": )" +
         sdk::json_quoted(item.delivery_id()) + R"(, "line": )" + sdk::json_quoted(line) + "}";
}

std::string line_of(const sdk::Item& item) {
  const auto rendered = sdk::Json::parse(item.settings()).value_or(sdk::Json());
  return rendered.string_or("line", item.event());
}

sdk::Result result_of(const Reply& reply) {
  switch (reply.ending) {
    case Ending::Answered:
      return to_result(reply.text);
    case Ending::Cancelled:
      return sdk::cancelled();
    case Ending::TimedOut:
      return sdk::retry("timeout", reply.text);
    case Ending::Unreachable:
      return sdk::retry("unreachable", reply.text);
    case Ending::BrokenOff:
      break;
  }
  return sdk::retry("broken_off", reply.text);
}

/// Sends one line for each event to a TCP server and waits for its answer. Thread-safe: it keeps
/// nothing but what bind has made.
class Line final : public sdk::Module {
 public:
  using Module::Module;

  static constexpr sdk::TypeInfo info() {
    return sdk::TypeInfo("line", "Sends a line to a TCP server and waits for its answer.")
        .action_schema(action_schema)
        .thread_safe(16);
  }

  std::unique_ptr<sdk::Action> bind(std::string_view json, sdk::Errors& errors,
                                    sdk::Binding& binding) override {
    sdk::Settings settings(json, errors);
    auto target = std::make_unique<Target>();
    const std::string address = settings.string("address");
    target->token = settings.string("token", "");
    if (const auto parsed = parse_address(address)) {
      target->address = *parsed;
    } else {
      settings.problem("address", "must be an IP address and a port, such as 192.0.2.7:7000");
    }
    binding.lane_key("tcp://" + address);  // a dead receiver must not hold up the others
    return target;
  }

  sdk::Result deliver(const sdk::Item& item) override {
    const std::string line = line_of(item);
    if (line.size() > longest_line) return sdk::rejected("too_long", "more than 64 KiB");
    return result_of(exchange(item.action<Target>().address, request(item, line),
                              {item.deadline(), item.cancel_fd()}));
  }

  bool probe(sdk::Action& action, sdk::Errors& errors) override {
    const Limits limits{std::chrono::steady_clock::now() + probe_time};
    const Reply reply = try_to_connect(static_cast<Target&>(action).address, limits);
    if (reply.ending != Ending::Answered) errors.add("/address", reply.text);
    return errors.ok();
  }

  void preview(const sdk::Item& item, sdk::Preview& preview) override {
    preview.write(request(item, line_of(item)) + "\n");  // observerd masks the token
  }
};

}  // namespace

OBSERVERD_SDK_PLUGIN(0,
                     sdk::PluginInfo("line", PLUGIN_VERSION)
                         .description("Sends lines to TCP servers.")
                         .license("Apache-2.0")
                         .vendor("Example"),
                     Line);
