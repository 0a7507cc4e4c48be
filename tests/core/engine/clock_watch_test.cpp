#include "unity/core/engine/clock_watch.hpp"

#include <gtest/gtest.h>

namespace unity {
namespace {

using namespace std::chrono_literals;

// Three clocks that a test moves.
struct Clocks {
  ClockReading reading{Instant(5h), 5h, 480'000h};
  void pass(Duration time) {
    reading.mono += time;
    reading.boot += time;
    reading.since_epoch += time;
  }
  void sleep(Duration time) {
    reading.boot += time;
    reading.since_epoch += time;
  }
  void set(Duration by) { reading.since_epoch += by; }
};

TEST(ClockWatch, SaysNothingWhileTheClocksAgree) {
  Clocks clocks;
  ClockWatch watch(clocks.reading);
  for (int i = 0; i < 1000; ++i) {
    clocks.pass(10s);
    clocks.set(5ms);  // slewed
    EXPECT_EQ(watch.look(clocks.reading), std::nullopt);
  }
}

TEST(ClockWatch, NoticesAClockThatWasSetOnce) {
  Clocks clocks;
  ClockWatch watch(clocks.reading);
  clocks.pass(10s);
  clocks.set(-1h);

  const auto change = watch.look(clocks.reading);

  ASSERT_TRUE(change);
  EXPECT_EQ(change->set_by, -1h);
  EXPECT_EQ(change->text(), "the clock was set back by 1h");
  clocks.pass(10s);
  EXPECT_EQ(watch.look(clocks.reading), std::nullopt);
}

TEST(ClockWatch, NoticesThatTheMachineSlept) {
  Clocks clocks;
  ClockWatch watch(clocks.reading);
  clocks.pass(1s);
  clocks.sleep(3h);

  const auto change = watch.look(clocks.reading);

  ASSERT_TRUE(change);
  EXPECT_EQ(change->text(), "the machine slept for 3h");
}

TEST(ClockWatch, TellsBothApart) {
  Clocks clocks;
  ClockWatch watch(clocks.reading);
  clocks.sleep(90s);
  clocks.set(5min);

  EXPECT_EQ(watch.look(clocks.reading)->text(),
            "the machine slept for 90s and the clock was set forward by 5m");
}

TEST(ClockWatch, ToleratesALittle) {
  Clocks clocks;
  ClockWatch watch(clocks.reading);
  clocks.set(ClockWatch::kTolerance);
  EXPECT_EQ(watch.look(clocks.reading), std::nullopt);
  clocks.set(ClockWatch::kTolerance + 1ms);
  EXPECT_NE(watch.look(clocks.reading), std::nullopt);
}

}  // namespace
}  // namespace unity
