#include "unity/core/engine/service_meter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace unity {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Time kNoon{std::chrono::hours(12)};

Operation failed(std::string error_class, std::string error) {
  return {.took = 1ms, .error_class = std::move(error_class), .error = std::move(error)};
}

class ServiceMeterTest : public testing::Test {
 protected:
  ServiceMeter meter_{"box", kNoon - 1h};
};

TEST_F(ServiceMeterTest, SumsTheOperationsOfAMinute) {
  meter_.add("collection", {.took = 1500us, .bytes = 100}, kNoon);
  meter_.add("collection", {.took = 4500us, .bytes = 50}, kNoon + 59s);
  meter_.add("storage:main", {.took = 7ms, .writes = 3}, kNoon + 1s);
  EXPECT_THAT(meter_.take(kNoon + 59s), IsEmpty());

  const auto rows = meter_.take(kNoon + 60s);

  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].instance_id, "box");
  EXPECT_EQ(rows[0].service_name, "collection");
  EXPECT_EQ(rows[0].time, kNoon);
  EXPECT_EQ(rows[0].operations_total, 2);
  EXPECT_EQ(rows[0].operations_successful, 2);
  EXPECT_DOUBLE_EQ(*rows[0].avg_duration_ms, 3.0);
  EXPECT_EQ(rows[0].min_duration_ms, 1);
  EXPECT_EQ(rows[0].max_duration_ms, 4);
  EXPECT_EQ(rows[0].data_collected_bytes, 150);
  EXPECT_FALSE(rows[0].database_writes);
  EXPECT_FALSE(rows[0].cache_hit_ratio);
  EXPECT_FALSE(rows[0].ssh_commands_executed);
  EXPECT_EQ(rows[1].service_name, "storage:main");
  EXPECT_EQ(rows[1].database_writes, 3);
  EXPECT_FALSE(rows[1].data_collected_bytes);
  EXPECT_THAT(meter_.take(kNoon + 120s), IsEmpty());
}

TEST_F(ServiceMeterTest, GivesTheShareThatWasAnsweredFromWhatWasThere) {
  meter_.add("a", {.took = 1h, .cached = true}, kNoon);
  EXPECT_FALSE(meter_.take(kNoon + 60s).at(0).avg_duration_ms);

  for (int i = 0; i < 3; ++i) meter_.add("a", {.took = 2ms, .cached = false}, kNoon + 60s);
  meter_.add("a", {.took = 1h, .cached = true}, kNoon + 60s);
  const auto row = meter_.take_all().at(0);
  EXPECT_EQ(row.operations_cached, 1);
  EXPECT_DOUBLE_EQ(*row.cache_hit_ratio, 0.25);
  EXPECT_DOUBLE_EQ(*row.avg_duration_ms, 2.0);
}

TEST_F(ServiceMeterTest, CountsErrorsByClassAndTheMostFrequentByMessage) {
  for (int i = 0; i < 4; ++i) meter_.add("a", failed("timeout", "slow"), kNoon);
  for (int i = 0; i < 6; ++i) {
    for (int j = 0; j <= i; ++j) meter_.add("a", failed("auth", std::to_string(i)), kNoon);
  }
  meter_.add("a", {}, kNoon);

  const auto row = meter_.take_all().at(0);

  EXPECT_EQ(row.operations_failed, 25);
  EXPECT_EQ(row.operations_successful, 1);
  EXPECT_THAT(row.error_types, ElementsAre(ErrorCount{"auth", 21}, ErrorCount{"timeout", 4}));
  EXPECT_THAT(row.top_errors,
              ElementsAre(ErrorCount{"5", 6}, ErrorCount{"4", 5}, ErrorCount{"3", 4},
                          ErrorCount{"slow", 4}, ErrorCount{"2", 3}));
}

TEST_F(ServiceMeterTest, KeepsABoundedNumberOfMessages) {
  for (std::size_t i = 0; i < ServiceMeter::kMessagesMax + 7; ++i) {
    meter_.add("a", failed("auth", "m" + std::to_string(i)), kNoon);
  }
  EXPECT_EQ(meter_.take_all().at(0).top_errors.at(0), (ErrorCount{"other", 7}));
}

TEST_F(ServiceMeterTest, DoesNotCollideWithTheHostThatRanInTheSameMinute) {
  ServiceMeter meter("box", kNoon + 20s);
  meter.add("a", {}, kNoon + 30s);
  meter.add("a", {}, kNoon + 40s);
  const auto row = meter.take(kNoon + 60s).at(0);
  EXPECT_EQ(row.time, kNoon + 30s);
  EXPECT_EQ(row.operations_total, 2);
}

TEST_F(ServiceMeterTest, DoesNotCollideWithItselfAfterTheClockWasSetBack) {
  meter_.add("a", {}, kNoon);
  EXPECT_EQ(meter_.take(kNoon + 60s).at(0).time, kNoon);
  meter_.add("a", {}, kNoon + 5s);
  EXPECT_EQ(meter_.take(kNoon + 60s).at(0).time, kNoon + 5s);
  meter_.add("a", {}, kNoon + 61s);
  EXPECT_EQ(meter_.take_all().at(0).time, kNoon + 60s);
}

}  // namespace
}  // namespace unity
