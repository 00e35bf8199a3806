#include "app/service_manager.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <vector>

#include "support/manual_clock.hpp"

namespace observerd::app {
namespace {

using observerd::testing::ManualClock;
using Sent = std::vector<std::string>;

class ServiceManagerTest : public ::testing::Test {
 protected:
  ServiceManager manager() {
    return ServiceManager(
        [this](const std::string& name) -> std::optional<std::string> {
          const auto found = environment_.find(name);
          if (found == environment_.end()) return std::nullopt;
          return found->second;
        },
        clock_, [this](const std::string& state) { sent_.push_back(state); });
  }
  std::map<std::string, std::string> environment_;
  ManualClock clock_;
  Sent sent_;
};

TEST_F(ServiceManagerTest, TellsEachStateOfALife) {
  ServiceManager manager = this->manager();
  manager.ready("delivering");
  manager.status("delivering");
  manager.status("12 events wait");
  clock_.advance(Milliseconds(5));
  manager.reloading();
  manager.ready("delivering");
  manager.stopping("draining");
  EXPECT_EQ(sent_, (Sent{"READY=1\nSTATUS=delivering", "STATUS=12 events wait",
                         "RELOADING=1\nMONOTONIC_USEC=1000005000\nSTATUS=reloading",
                         "READY=1\nSTATUS=delivering", "STOPPING=1\nSTATUS=draining"}));
}

TEST_F(ServiceManagerTest, AReloadBeginsWithTheWatchdogsWholeTime) {
  environment_ = {{"WATCHDOG_USEC", "60000000"}};
  ServiceManager manager = this->manager();
  clock_.advance(Milliseconds(29'000));
  manager.alive();
  EXPECT_TRUE(sent_.empty()) << "not half of it is over";
  manager.reloading();
  ASSERT_EQ(sent_.size(), 2u);
  EXPECT_EQ(sent_[0], "WATCHDOG=1");
  clock_.advance(Milliseconds(29'000));
  manager.alive();
  EXPECT_EQ(sent_.size(), 2u) << "that was told";
}

TEST_F(ServiceManagerTest, AStatusCannotBringAStateOfItsOwn) {
  manager().status("bad\nSTOPPING=1");
  EXPECT_EQ(sent_, Sent{"STATUS=bad STOPPING=1"});
}

TEST_F(ServiceManagerTest, FeedsTheWatchdogAtHalfItsTime) {
  environment_ = {{"WATCHDOG_USEC", "4000000"}, {"WATCHDOG_PID", std::to_string(getpid())}};
  ServiceManager manager = this->manager();
  EXPECT_EQ(manager.watchdog(), Milliseconds(4000));
  manager.alive();
  clock_.advance(Milliseconds(1999));
  manager.alive();
  EXPECT_EQ(sent_, Sent{});
  clock_.advance(Milliseconds(1));
  manager.alive();
  manager.alive();
  EXPECT_EQ(sent_, Sent{"WATCHDOG=1"});
}

TEST_F(ServiceManagerTest, HasNoWatchdogThatIsAnothersOrMalformed) {
  const std::map<std::string, std::string> environments[] = {
      {},
      {{"WATCHDOG_USEC", "4000000"}, {"WATCHDOG_PID", "1"}},
      {{"WATCHDOG_USEC", "4000000"}, {"WATCHDOG_PID", "x"}},
      {{"WATCHDOG_USEC", "0"}},
      {{"WATCHDOG_USEC", "4s"}},
      {{"WATCHDOG_USEC", ""}}};
  for (const auto& environment : environments) {
    environment_ = environment;
    EXPECT_EQ(manager().watchdog(), std::nullopt);
  }
}

TEST(NotifyServiceManager, SendsOneDatagramToTheSocketOfTheEnvironment) {
  char directory[] = "/tmp/observerd-notify-XXXXXX";
  ASSERT_NE(mkdtemp(directory), nullptr);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = std::string(directory) + "/notify";
  std::strcpy(address.sun_path, path.c_str());
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  notify_service_manager("READY=1");
  unsetenv("NOTIFY_SOCKET");
  notify_service_manager("nobody hears this");
  char text[100] = {};
  EXPECT_EQ(recv(fd, text, sizeof text, MSG_DONTWAIT), 7);
  EXPECT_STREQ(text, "READY=1");
  EXPECT_LT(recv(fd, text, sizeof text, MSG_DONTWAIT), 0);
  close(fd);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace observerd::app
