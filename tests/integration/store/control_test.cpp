#include "store/control.hpp"

#include <thread>

#include "integration/store/store_fixture.hpp"

namespace observerd::store::tests {
namespace {

/// A host as the control tables see one: a connection that holds its life lock, and a row.
struct Host {
  Host(const std::string& url, std::string fingerprint)
      : connection(testing::connect(url)), control(*connection) {
    report.id = Uuid::random();
    report.name = "host";
    report.version = "1";
    report.fingerprint = std::move(fingerprint);
    report.lock_key = *control.hold_life_lock();
    report.state = json::Value::object();
    EXPECT_TRUE(control.announce(report).ok());
  }
  std::string settle() { return *control.settle_active(report.fingerprint, report.id); }

  std::unique_ptr<postgres::Connection> connection;
  Control control;
  HostReport report;
};

class ControlTables : public StoreTest {
 protected:
  Host host(std::string fingerprint) { return Host(url_, std::move(fingerprint)); }
};

TEST_F(ControlTables, TheFirstHostsConfigurationCounts) {
  Host a = host("A");
  EXPECT_EQ(a.settle(), "A");
  Host b = host("B");
  EXPECT_EQ(b.settle(), "A") << "a living host runs A";
  EXPECT_EQ(a.settle(), "A");
}

TEST_F(ControlTables, AConfigurationThatNoLivingHostRunsGivesWay) {
  auto a = std::make_unique<Host>(url_, "A");
  EXPECT_EQ(a->settle(), "A");
  Host b = host("B");
  EXPECT_EQ(b.settle(), "A");
  a.reset();  // its row stays, as after kill -9; its lock goes with its connection
  for (int look = 0; b.settle() != "B" && look < 1000; ++look) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(b.settle(), "B");
}

TEST_F(ControlTables, AReloadedHostTakesTheOthersAlongWhenItIsTheLastOfTheOldOnes) {
  Host a = host("A");
  Host b = host("A");
  EXPECT_EQ(a.settle(), "A");
  a.report.fingerprint = "B";
  ASSERT_TRUE(a.control.announce(a.report).ok());
  EXPECT_EQ(a.settle(), "A");
  b.report.fingerprint = "B";
  ASSERT_TRUE(b.control.announce(b.report).ok());
  EXPECT_EQ(b.settle(), "B");
  EXPECT_EQ(a.settle(), "B");
}

TEST_F(ControlTables, AnActivatedConfigurationWaitsForItsHost) {
  Host a = host("A");
  EXPECT_EQ(a.settle(), "A");
  ASSERT_TRUE(a.control.activate("C").ok());
  EXPECT_EQ(a.settle(), "C") << "nobody runs it yet, but somebody asked for it";
  {
    Host c = host("C");
    EXPECT_EQ(c.settle(), "C");
  }
  for (int look = 0; a.settle() != "A" && look < 1000; ++look) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(a.settle(), "A") << "it was there, and is gone: as any other from then on";
}

TEST_F(ControlTables, HostsShowWhetherTheyLive) {
  auto a = std::make_unique<Host>(url_, "A");
  Host b = host("A");
  a.reset();
  // The server notices in its own time.
  auto hosts = b.control.hosts();
  for (int look = 0; hosts.ok() && hosts->front().alive && look < 1000; ++look) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    hosts = b.control.hosts();
  }
  ASSERT_TRUE(hosts.ok()) << hosts.status().to_string();
  ASSERT_EQ(hosts->size(), 2u);
  EXPECT_FALSE((*hosts)[0].alive);
  EXPECT_TRUE((*hosts)[1].alive);
  ASSERT_TRUE(b.control.withdraw(b.report.id).ok());
  EXPECT_EQ(b.control.hosts()->size(), 1u);
}

TEST_F(ControlTables, APauseIsKeptOnceWithItsFirstReason) {
  Host a = host("A");
  EXPECT_TRUE(*a.control.pause({"shipped", "erp", "gone", "410 from the receiver", ""}));
  EXPECT_FALSE(*a.control.pause({"shipped", "erp", "operator", "later", ""}));
  EXPECT_TRUE(*a.control.pause({"shipped", "", "operator", "", ""}));
  const auto pauses = a.control.pauses();
  ASSERT_TRUE(pauses.ok());
  ASSERT_EQ(pauses->size(), 2u);
  EXPECT_EQ((*pauses)[1].reason, "410 from the receiver");
  EXPECT_TRUE(*a.control.resume("shipped", "erp"));
  EXPECT_FALSE(*a.control.resume("shipped", "erp"));
}

TEST_F(ControlTables, ARequestReachesEveryHostOnceAndBringsItsAnswerBack) {
  Host a = host("A");
  Host b = host("A");
  ASSERT_TRUE(a.connection->listen(*a.control.channel()).ok());
  const auto request = b.control.ask("reload", "");
  ASSERT_TRUE(request.ok());
  EXPECT_TRUE(*a.connection->wait_for_notification(Milliseconds(10'000)));
  auto open = a.control.unanswered(a.report.id);
  ASSERT_EQ(open->size(), 1u);
  EXPECT_EQ((*open)[0].verb, "reload");
  ASSERT_TRUE(a.control.answer(*request, a.report, false, "no such file").ok());
  EXPECT_TRUE(a.control.unanswered(a.report.id)->empty());
  EXPECT_EQ(b.control.unanswered(b.report.id)->size(), 1u);
  const auto answers = b.control.answers(*request);
  ASSERT_EQ(answers->size(), 1u);
  EXPECT_FALSE((*answers)[0].ok);
  EXPECT_EQ((*answers)[0].text, "no such file");
  Host late = host("A");
  EXPECT_TRUE(late.control.unanswered(late.report.id)->empty()) << "asked before it started";
}

}  // namespace
}  // namespace observerd::store::tests
