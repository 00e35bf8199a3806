#include "delivery/retry_policy.hpp"

#include <gtest/gtest.h>

namespace observerd::delivery {
namespace {

using config::Backoff;
using config::DeliverySettings;
using config::RetrySettings;
using plugin::ItemResult;
using plugin::Outcome;
using Kind = Verdict::Kind;
using std::chrono::hours;

RetrySettings retry(Backoff backoff, int initial_ms, int max_ms, double multiplier = 2) {
  RetrySettings settings;
  settings.backoff = backoff;
  settings.initial_delay = Milliseconds(initial_ms);
  settings.max_delay = Milliseconds(max_ms);
  settings.multiplier = multiplier;
  return settings;
}

TEST(RetryPolicy, EachFormulaGivesItsDelays) {
  struct Row {
    RetrySettings settings;
    int failures;
    int expected_ms;
  };
  const Row rows[] = {
      {retry(Backoff::Exponential, 1000, 3'600'000), 1, 1000},
      {retry(Backoff::Exponential, 1000, 3'600'000), 2, 2000},
      {retry(Backoff::Exponential, 1000, 3'600'000), 5, 16'000},
      {retry(Backoff::Exponential, 1000, 3'600'000), 13, 3'600'000},
      {retry(Backoff::Exponential, 1000, 3'600'000), 5000, 3'600'000},
      {retry(Backoff::Exponential, 100, 10'000, 1.5), 3, 225},
      {retry(Backoff::Linear, 500, 2000), 1, 500},
      {retry(Backoff::Linear, 500, 2000), 3, 1500},
      {retry(Backoff::Linear, 500, 2000), 9, 2000},
      {retry(Backoff::Fixed, 700, 60'000), 1, 700},
      {retry(Backoff::Fixed, 700, 60'000), 40, 700},
      {retry(Backoff::Fixed, 90'000, 60'000), 1, 60'000},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(base_delay(row.settings, row.failures).count(), row.expected_ms) << row.failures;
  }
}

TEST(RetryPolicy, JitterIsAppliedLastAndNeverGoesAboveMax) {
  RetrySettings settings = retry(Backoff::Exponential, 1000, 8000);
  settings.jitter = 0.2;
  EXPECT_EQ(jittered_delay(settings, 1, 0.0).count(), 800);
  EXPECT_EQ(jittered_delay(settings, 1, 0.5).count(), 1000);
  EXPECT_NEAR(static_cast<double>(jittered_delay(settings, 1, 0.999).count()), 1200, 1);
  EXPECT_EQ(jittered_delay(settings, 10, 0.999).count(), 8000);
  EXPECT_EQ(jittered_delay(settings, 10, 0.0).count(), 6400);
  settings.backoff = Backoff::Fixed;
  settings.initial_delay = settings.max_delay;
  EXPECT_EQ(jittered_delay(settings, 1, 0.999).count(), 8000);
}

TEST(RetryPolicy, HonoursRetryAfterWithinCap) {
  const Milliseconds own(1000);
  const Milliseconds cap(60'000);
  EXPECT_EQ(honour_retry_after(own, Milliseconds(500), cap), own);
  EXPECT_EQ(honour_retry_after(own, Milliseconds(30'000), cap), Milliseconds(30'000));
  EXPECT_EQ(honour_retry_after(own, Milliseconds(90'000), cap), cap);
  EXPECT_EQ(honour_retry_after(Milliseconds(70'000), Milliseconds(90'000), cap),
            Milliseconds(70'000));
}

TryFacts facts(int attempts) {
  TryFacts f;
  f.attempts = f.tries = attempts;
  f.now = WallTime(hours(100));
  f.event_created = f.now;
  return f;
}

Verdict verdict_of(Outcome outcome, const TryFacts& f, const DeliverySettings& settings = {}) {
  ItemResult result;
  result.outcome = outcome;
  return decide(result, settings, f, 0.5);
}

TEST(RetryPolicy, RetriesOnTransientOutcomesAndNeverOnPermanentOnes) {
  EXPECT_EQ(verdict_of(Outcome::Delivered, facts(1)).kind, Kind::Delivered);
  for (const Outcome outcome : {Outcome::Retry, Outcome::Throttled, Outcome::Unavailable,
                                Outcome::Unknown, Outcome::Misconfigured, Outcome::Gone}) {
    EXPECT_EQ(verdict_of(outcome, facts(1)).kind, Kind::Again) << outcome_name(outcome);
  }
  const Verdict rejected = verdict_of(Outcome::Rejected, facts(1));
  EXPECT_EQ(rejected.kind, Kind::Terminal);
  EXPECT_EQ(rejected.code, Code::ActionFailedForGood);
}

TEST(RetryPolicy, WhatEndsItsPluginAgainAndAgainIsADeadLetterOfItsOwn) {
  plugin::ItemResult poison;
  poison.outcome = Outcome::Rejected;
  poison.poison = true;
  poison.message = "ended it 3 times";
  const Verdict verdict = decide(poison, config::DeliverySettings{}, facts(3), 0.5);
  EXPECT_EQ(verdict.kind, Kind::Terminal);
  EXPECT_EQ(verdict.code, Code::PluginMisbehaved);
  EXPECT_EQ(verdict.why, "ended it 3 times");
}

TEST(RetryPolicy, MaxAttemptsCountsAllTries) {
  DeliverySettings settings;
  settings.retry.max_attempts = 3;
  EXPECT_EQ(verdict_of(Outcome::Retry, facts(2), settings).kind, Kind::Again);
  const Verdict last = verdict_of(Outcome::Retry, facts(3), settings);
  EXPECT_EQ(last.kind, Kind::Terminal);
  EXPECT_EQ(last.code, Code::RetriesExhausted);
}

TEST(RetryPolicy, UnavailableCostsNoAttemptUpToItsLimit) {
  DeliverySettings settings;
  settings.retry.max_attempts = 1;
  settings.unavailable_limit = hours(24);
  TryFacts f = facts(1);
  f.unavailable_since = f.now - hours(23);
  const Verdict early = verdict_of(Outcome::Unavailable, f, settings);
  EXPECT_EQ(early.kind, Kind::Again);
  EXPECT_FALSE(early.costs_attempt);
  f.unavailable_since = f.now - hours(24);
  EXPECT_EQ(verdict_of(Outcome::Unavailable, f, settings).code, Code::RetriesExhausted);
  f.unavailable_since.reset();
  f.event_created = f.now - hours(1000);
  EXPECT_EQ(verdict_of(Outcome::Unavailable, f, settings).kind, Kind::Again)
      << "the first report begins it, whatever happened before";
}

TEST(RetryPolicy, ATimeOfUnavailabilityEndsWithAnAnswer) {
  const WallTime first(hours(1));
  const WallTime now(hours(5));
  struct Row {
    Outcome outcome;
    std::optional<WallTime> before, after;
  };
  const Row rows[] = {
      {Outcome::Unavailable, std::nullopt, now}, {Outcome::Unavailable, first, first},
      {Outcome::Cancelled, first, first},        {Outcome::Cancelled, std::nullopt, std::nullopt},
      {Outcome::Unknown, first, first},          {Outcome::Retry, first, std::nullopt},
      {Outcome::Throttled, first, std::nullopt}, {Outcome::Misconfigured, first, std::nullopt},
      {Outcome::Gone, first, std::nullopt},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(unavailable_since(row.outcome, row.before, now), row.after)
        << outcome_name(row.outcome);
  }
}

TEST(RetryPolicy, WhatWasCalledBackIsNeverGivenUpForIt) {
  DeliverySettings settings;
  settings.retry.max_attempts = 1;
  settings.unavailable_limit = Milliseconds(0);
  settings.max_age = hours(1);
  TryFacts f = facts(50);
  f.event_created = f.now - hours(48);
  f.unavailable_since = f.now - hours(47);
  const Verdict verdict = verdict_of(Outcome::Cancelled, f, settings);
  EXPECT_EQ(verdict.kind, Kind::Again);
  EXPECT_FALSE(verdict.costs_attempt);
}

TEST(RetryPolicy, MaxAgeDoesNotEndWhatIsHeldForAPerson) {
  DeliverySettings settings;
  settings.max_age = std::chrono::minutes(10);  // less than max_delay, after which it is looked at
  for (const Outcome outcome : {Outcome::Gone, Outcome::Misconfigured}) {
    const Verdict verdict = verdict_of(outcome, facts(1), settings);
    EXPECT_EQ(verdict.kind, Kind::Again) << outcome_name(outcome);
    EXPECT_TRUE(verdict.needs_person);
  }
}

TEST(RetryPolicy, MaxAgeEndsRetriesByTime) {
  DeliverySettings settings;
  settings.max_age = hours(1);
  TryFacts f = facts(1);
  f.event_created = f.now - std::chrono::minutes(59);
  EXPECT_EQ(verdict_of(Outcome::Retry, f, settings).kind, Kind::Again);
  f.event_created = f.now - std::chrono::minutes(60);
  EXPECT_EQ(verdict_of(Outcome::Retry, f, settings).code, Code::RetriesExhausted);
}

TEST(RetryPolicy, WhatNeedsAPersonIsTriedSeldom) {
  DeliverySettings settings;
  EXPECT_EQ(verdict_of(Outcome::Misconfigured, facts(1), settings).delay, settings.retry.max_delay);
}

}  // namespace
}  // namespace observerd::delivery
