#include "app/host_services.hpp"

#include <gtest/gtest.h>

namespace observerd::app {
namespace {

using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

TEST(HostServices, NoLineOfAPluginShowsASecretThatTheHostHasResolved) {
  telemetry::Log log({telemetry::Level::Debug});
  LoggedHostServices services(log);
  services.learn({"hunter2-of-smtp", "https://hooks.example.com/services/T000/verysecretpath"});
  CaptureStderr();
  services.log("email", 3, "login failed with hunter2-of-smtp", {{"password", "hunter2-of-smtp"}});
  services.log("slack", 2, "posted", {{"target", "/services/T000/verysecretpath"}});
  log.write(telemetry::Level::Info, "whoever writes", {{"text", "hunter2-of-smtp"}});
  const std::string out = GetCapturedStderr();
  EXPECT_EQ(out.find("hunter2"), std::string::npos) << out;
  EXPECT_EQ(out.find("verysecretpath"), std::string::npos) << out;
  EXPECT_NE(out.find("login failed with ***"), std::string::npos) << out;
  EXPECT_NE(out.find("plugin=email"), std::string::npos) << out;
}

TEST(HostServices, TheMaskOutlivesTheServices) {
  telemetry::Log log({telemetry::Level::Info});
  {
    LoggedHostServices services(log);
    services.learn({"hunter2-of-smtp"});
  }
  CaptureStderr();
  log.write(telemetry::Level::Info, "hunter2-of-smtp");
  EXPECT_EQ(GetCapturedStderr().find("hunter2"), std::string::npos);
}

TEST(HostServices, APluginsMetricsAreExported) {
  telemetry::Log log({telemetry::Level::Info});
  telemetry::Metrics metrics(metrics_options());
  LoggedHostServices services(log, &metrics);
  services.metric("webhook", 0, "requests", 2, {{"status", "2xx"}});
  EXPECT_NE(metrics.render().find("observerd_plugin_webhook_requests_total{status=\"2xx\"} 2"),
            std::string::npos);
}

TEST(HostServices, OutcomesAreNamedAsThePluginsKnowThem) {
  const telemetry::MetricsOptions options = metrics_options();
  ASSERT_EQ(options.outcomes.size(), 9u);
  EXPECT_EQ(options.outcomes.front(), "delivered");
  EXPECT_EQ(options.outcomes[static_cast<std::size_t>(plugin::Outcome::Throttled)], "throttled");
}

}  // namespace
}  // namespace observerd::app
