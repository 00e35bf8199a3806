#include "delivery/order_gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <limits>
#include <map>
#include <random>
#include <thread>

namespace observerd::delivery {
namespace {

using Entry = OrderGate::Entry;

DeliveryPtr make(const std::string& key, std::int64_t id, int shard = 0) {
  auto event = std::make_shared<Event>();
  event->outbox_id = id;
  event->shard = shard;
  auto delivery = std::make_unique<Delivery>();
  delivery->work = std::make_shared<EventWork>(std::move(event), 1, id);
  delivery->ordering_key = key;
  return delivery;
}

Entry enter(OrderGate& gate, const std::string& key, std::int64_t id, int shard = 0) {
  DeliveryPtr delivery = make(key, id, shard);
  return gate.enter(delivery);
}

TEST(OrderGate, OneDeliveryOfAKeyRunsAndTheOthersWaitInOrder) {
  OrderGate gate;
  EXPECT_EQ(enter(gate, "a", 1), Entry::Run);
  EXPECT_EQ(enter(gate, "a", 2), Entry::Waits);
  EXPECT_EQ(enter(gate, "a", 3), Entry::Waits);
  EXPECT_EQ(enter(gate, "b", 4), Entry::Run);
  EXPECT_EQ(gate.waiting(), 2u);
  EXPECT_EQ(gate.leave("a")->work->outbox_id, 2);
  EXPECT_EQ(gate.leave("a")->work->outbox_id, 3);
  EXPECT_EQ(gate.leave("a"), nullptr);
  EXPECT_EQ(enter(gate, "a", 5), Entry::Run);
}

TEST(OrderGate, WhatComesAfterAParkedDeliveryParksBehindIt) {
  OrderGate gate;
  EXPECT_EQ(enter(gate, "a", 1), Entry::Run);
  EXPECT_EQ(enter(gate, "a", 2), Entry::Waits);
  const std::vector<DeliveryPtr> behind = gate.park("a", 0, 1);
  ASSERT_EQ(behind.size(), 1u);
  EXPECT_EQ(behind[0]->work->outbox_id, 2);
  EXPECT_EQ(enter(gate, "a", 3), Entry::Behind);
}

TEST(OrderGate, AKeyIsReleasedOnlyWhenNoAnnouncedRowIsStillToBeWritten) {
  OrderGate gate;
  EXPECT_EQ(enter(gate, "a", 1), Entry::Run);
  (void)gate.park("a", 0, 1);
  EXPECT_FALSE(gate.settled_version("a").has_value());
  gate.park_written("a", 1);
  const auto version = gate.settled_version("a");
  ASSERT_TRUE(version.has_value());
  // A row is announced between the look at the database and the release: the look proves nothing.
  EXPECT_EQ(enter(gate, "a", 2), Entry::Behind);
  gate.release("a", *version);
  EXPECT_EQ(enter(gate, "a", 3), Entry::Behind);
  gate.park_written("a", 3);
  gate.park_written("a", 2);
  gate.release("a", *gate.settled_version("a"));
  EXPECT_EQ(enter(gate, "a", 4), Entry::Run);
}

TEST(OrderGate, TellsTheEarliestEventThatWillStillWriteARow) {
  constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
  OrderGate gate;
  EXPECT_EQ(gate.first_unwritten("a", {}), kNone);
  EXPECT_EQ(enter(gate, "a", 5), Entry::Run);
  EXPECT_EQ(enter(gate, "a", 6), Entry::Waits);
  (void)gate.park("a", 0, 5);
  EXPECT_EQ(enter(gate, "a", 9), Entry::Behind);
  EXPECT_EQ(gate.first_unwritten("a", {}), 5);
  const std::vector<std::int64_t> being_written{5, 9};
  EXPECT_EQ(gate.first_unwritten("a", being_written), 6);
  EXPECT_EQ(gate.first_unwritten("b", {}), kNone);
  gate.park_written("a", 5);
  gate.park_written("a", 9);
  EXPECT_EQ(gate.first_unwritten("a", {}), 6);
  gate.park_written("a", 6);
  EXPECT_EQ(gate.first_unwritten("a", {}), kNone);
}

TEST(OrderGate, DroppingAShardForgetsItsKeysAndLeavesTheOthers) {
  OrderGate gate;
  gate.add_parked("a", 0);
  gate.add_parked("b", 1);
  EXPECT_EQ(enter(gate, "c", 1, 0), Entry::Run);
  EXPECT_EQ(enter(gate, "c", 2, 0), Entry::Waits);
  EXPECT_EQ(gate.drop_shard(0).size(), 1u);
  EXPECT_EQ(enter(gate, "a", 3, 0), Entry::Run);
  EXPECT_EQ(enter(gate, "b", 4, 1), Entry::Behind);
  // The one in flight is still there: nothing of its key may overtake it.
  EXPECT_EQ(enter(gate, "c", 5, 0), Entry::Waits);
}

TEST(OrderGate, KeepsOrderPerKeyUnderManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kKeys = 8;
  constexpr int kPerThread = 2000;
  OrderGate gate;
  std::array<std::atomic<int>, kKeys> running{};
  std::array<std::atomic<int>, kKeys> done{};
  std::atomic<bool> overlapped{false};
  const auto run = [&](DeliveryPtr delivery) {
    while (delivery) {
      const std::string key = delivery->ordering_key;
      const auto index = static_cast<std::size_t>(std::stoi(key));
      if (running[index].fetch_add(1) != 0) overlapped = true;
      ++done[index];
      running[index].fetch_sub(1);
      delivery = gate.leave(key);
    }
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      for (int i = 0; i < kPerThread; ++i) {
        DeliveryPtr delivery = make(std::to_string(random() % kKeys), i);
        if (gate.enter(delivery) == Entry::Run) run(std::move(delivery));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  int total = 0;
  for (const auto& count : done) total += count;
  EXPECT_EQ(total, kThreads * kPerThread);
  EXPECT_FALSE(overlapped);
  EXPECT_EQ(gate.waiting(), 0u);
}

}  // namespace
}  // namespace observerd::delivery
