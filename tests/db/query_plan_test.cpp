// Which part of an answer comes from where.
#include "query/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "db/records.hpp"

namespace unity::test {
namespace {

using namespace std::chrono_literals;
using db::Piece;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t kMidnight = 1'767'225'600;  // 2026-01-01

Time clock(int day, int hour, int minute = 0) {
  return at_second(kMidnight + ((day * 24 + hour) * 60 + minute) * 60);
}

BucketQuery query(Time from, Time to, Time::duration step) {
  BucketQuery made{{"cpu"}, from, to};
  made.step = step;
  return made;
}

std::vector<Piece> pieces(const BucketQuery& asked, const db::Stored& stored) {
  const auto plan = db::plan_buckets(asked, stored);
  EXPECT_TRUE(plan) << plan.error().message;
  return plan ? plan->pieces : std::vector<Piece>();
}

TEST(QueryPlan, AStepShorterThanAnHourReadsNumbers) {
  EXPECT_THAT(pieces(query(clock(0, 0), clock(2, 0), 30min), {}),
              ElementsAre(Piece{Resolution::raw, clock(0, 0), clock(2, 0)}));
  EXPECT_THAT(pieces(query(clock(0, 0), clock(2, 0), 90min), {}),
              ElementsAre(Piece{Resolution::raw, clock(0, 0), clock(2, 0)}));
}

TEST(QueryPlan, HoursAreReadWhereTheyAreWhole) {
  EXPECT_THAT(pieces(query(clock(0, 1, 20), clock(0, 7, 10), 2h), {}),
              ElementsAre(Piece{Resolution::raw, clock(0, 1, 20), clock(0, 2)},
                          Piece{Resolution::hour, clock(0, 2), clock(0, 7)},
                          Piece{Resolution::raw, clock(0, 7), clock(0, 7, 10)}));
  EXPECT_THAT(pieces(query(clock(0, 1, 20), clock(0, 1, 40), 1h), {}),
              ElementsAre(Piece{Resolution::raw, clock(0, 1, 20), clock(0, 1, 40)}));
}

TEST(QueryPlan, DaysAreReadWhereTheyAreWhole) {
  EXPECT_THAT(pieces(query(clock(0, 22, 30), clock(3, 1), 24h), {}),
              ElementsAre(Piece{Resolution::raw, clock(0, 22, 30), clock(0, 23)},
                          Piece{Resolution::hour, clock(0, 23), clock(1, 0)},
                          Piece{Resolution::day, clock(1, 0), clock(3, 0)},
                          Piece{Resolution::hour, clock(3, 0), clock(3, 1)}));
}

TEST(QueryPlan, WhatIsNotComputedYetIsReadFromWhatItIsComputedOf) {
  db::Stored stored;
  stored.dirty_hours = {clock(1, 5), clock(3, 7)};
  stored.dirty_days = {clock(2, 0)};
  EXPECT_THAT(pieces(query(clock(0, 0), clock(4, 0), 48h), stored),
              ElementsAre(Piece{Resolution::day, clock(0, 0), clock(1, 0)},
                          Piece{Resolution::hour, clock(1, 0), clock(1, 5)},
                          Piece{Resolution::raw, clock(1, 5), clock(1, 6)},
                          Piece{Resolution::hour, clock(1, 6), clock(3, 7)},
                          Piece{Resolution::raw, clock(3, 7), clock(3, 8)},
                          Piece{Resolution::hour, clock(3, 8), clock(4, 0)}));
  const auto plan = db::plan_buckets(query(clock(0, 0), clock(4, 0), 48h), stored);
  EXPECT_EQ(plan->how.resolution, Resolution::day);
  EXPECT_EQ(plan->how.complete_until, clock(1, 5));
}

TEST(QueryPlan, WithoutRollupsNumbersAreRead) {
  db::Stored stored;
  stored.has_rollups = false;
  EXPECT_THAT(pieces(query(clock(0, 0), clock(4, 0), 24h), stored),
              ElementsAre(Piece{Resolution::raw, clock(0, 0), clock(4, 0)}));
}

TEST(QueryPlan, UntilAllIsMarkedOnlyTheRollupsOfWhatIsDroppedAreRead) {
  db::Stored stored;
  stored.all_marked = false;
  stored.hours_from = clock(2, 0);
  stored.raw_from = clock(3, 12);
  const auto plan = db::plan_buckets(query(clock(0, 0), clock(5, 0), 24h), stored);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_THAT(plan->pieces, ElementsAre(Piece{Resolution::day, clock(0, 0), clock(2, 0)},
                                        Piece{Resolution::hour, clock(2, 0), clock(3, 12)},
                                        Piece{Resolution::raw, clock(3, 12), clock(5, 0)}));
  EXPECT_EQ(plan->how.complete_until, clock(3, 12));
}

TEST(QueryPlan, OfWhatIsDroppedTheRollupIsReadEvenIfItIsDirty) {
  db::Stored stored;
  stored.hours_from = clock(2, 0);
  stored.raw_from = clock(3, 12);
  stored.dirty_hours = {clock(1, 5), clock(3, 2), clock(3, 13)};
  stored.dirty_days = {clock(1, 0)};
  EXPECT_THAT(pieces(query(clock(0, 7), clock(4, 3, 30), 24h), stored),
              ElementsAre(Piece{Resolution::day, clock(0, 0), clock(3, 0)},
                          Piece{Resolution::hour, clock(3, 0), clock(3, 13)},
                          Piece{Resolution::raw, clock(3, 13), clock(3, 14)},
                          Piece{Resolution::hour, clock(3, 14), clock(4, 3)},
                          Piece{Resolution::raw, clock(4, 3), clock(4, 3, 30)}));
}

TEST(QueryPlan, AStepThatIsNotGivenIsRoundAndGivesFewEnoughPoints) {
  const auto step = [](Time::duration span, std::size_t points) {
    auto asked = query(clock(0, 0), clock(0, 0) + span, {});
    asked.points_max = points;
    return db::plan_buckets(asked, {})->step;
  };
  EXPECT_EQ(step(1h, 300), 15s);
  EXPECT_EQ(step(24h, 300), 5min);
  EXPECT_EQ(step(7 * 24h, 300), 1h);
  EXPECT_EQ(step(7 * 24h, 7), 24h);
  EXPECT_EQ(step(365 * 24h, 300), 48h);
  EXPECT_LE(365 * 40 * 24h / step(365 * 40 * 24h, 10), 10);
}

TEST(QueryPlan, AStepThatIsNotGivenFitsToWhatIsLeft) {
  db::Stored stored;
  stored.raw_from = clock(3, 0);
  EXPECT_EQ(db::plan_buckets(query(clock(2, 0), clock(4, 0), {}), stored)->step, 1h);
  stored.hours_from = clock(3, 0);
  EXPECT_EQ(db::plan_buckets(query(clock(2, 0), clock(4, 0), {}), stored)->step, 24h);
}

TEST(QueryPlan, WhatCannotBeAnsweredIsRefusedWithWhatCould) {
  db::Stored stored;
  stored.raw_from = clock(3, 0);
  const auto refused = [&](const BucketQuery& asked) {
    const auto plan = db::plan_buckets(asked, stored);
    EXPECT_FALSE(plan);
    return plan ? std::string() : plan.error().message;
  };
  EXPECT_THAT(refused(query(clock(2, 0), clock(4, 0), 90min)), HasSubstr("a multiple of 1h"));
  EXPECT_THAT(refused(query(clock(3, 0), clock(10, 0), 1s)), HasSubstr("is 1m"));
  EXPECT_THAT(refused(query(clock(4, 0), clock(4, 0), 1h)), HasSubstr("is not after"));
}

TEST(QueryPlan, TheWholeOfTimeCanBeAskedFor) {
  const auto plan = db::plan_whole(Time::min(), Time::max(), {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->pieces.size(), 1u);
  EXPECT_EQ(plan->how.resolution, Resolution::day);
}

TEST(QueryPlan, BucketsBefore1970BeginBeforeTheirTimes) {
  EXPECT_EQ(db::begin_of_bucket(at_second(-1), 1h), at_second(-3600));
  EXPECT_EQ(db::begin_of_bucket(at_second(-3600), 1h), at_second(-3600));
}

}  // namespace
}  // namespace unity::test
