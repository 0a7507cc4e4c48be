#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/support/records.hpp"
#include "core/support/stage.hpp"

namespace unity {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr Time kStarted{std::chrono::sys_days(std::chrono::year(2026) / 1 / 31)};
constexpr RunContext kRun{kStarted, Instant(std::chrono::hours(1))};

// The record after the stage has seen it with this time as emitted.
Record settled(std::string time_text, Time of_emission = {}) {
  auto record = make_record("m", {});
  record.time_text = std::move(time_text);
  record.time = of_emission;
  EXPECT_EQ(make_stage("timestamp")->process(record, kRun).action, Verdict::Action::keep);
  EXPECT_EQ(record.time_text, "");
  return record;
}

TEST(Timestamp, TakesTheStartOfTheRunIfNothingElseIsKnown) {
  EXPECT_EQ(settled("").time, kStarted);
}

TEST(Timestamp, TakesTheTimeOfTheEmissionBeforeThatOfTheRun) {
  EXPECT_EQ(settled("", kStarted - 5s).time, kStarted - 5s);
}

TEST(Timestamp, TheTimeOfTheRecordWinsAndBecomesUtc) {
  EXPECT_EQ(settled("2026-01-31T14:30:00.25+02:00", kStarted - 5s).time,
            kStarted + 12h + 30min + 250ms);
}

TEST(Timestamp, ReadsNanosecondsSinceTheEpoch) {
  EXPECT_EQ(settled("1000001999").time, Time(1000001us));
  EXPECT_EQ(settled("-1").time, Time(-1us));
  EXPECT_EQ(settled("0").time, Time());
}

// The verdict on a record of this time, emitted a minute into the run, seven days being late.
Verdict judged(Time time) {
  auto context = context_of(small_manifest());
  context.late_window = 24h * 7;
  auto run = kRun;
  run.emitted = kStarted + 1min;
  auto record = make_record("m", {});
  record.time_text = to_rfc3339(time);
  return make_stage("timestamp", "", context)->process(record, run);
}

TEST(Timestamp, RefusesWhatIsOlderThanTheLateWindowWhenItIsEmitted) {
  EXPECT_EQ(judged(kStarted + 1min - 24h * 7).action, Verdict::Action::keep);
  const auto late = judged(kStarted + 59s - 24h * 7);
  EXPECT_EQ(late.action, Verdict::Action::reject);
  EXPECT_EQ(late.reason, "too_late");
  EXPECT_THAT(late.detail, HasSubstr("more than 1w (retention.late_window)"));
}

TEST(Timestamp, RefusesWhatIsMoreThanFiveMinutesFromTheFuture) {
  EXPECT_EQ(judged(kStarted + 6min).action, Verdict::Action::keep);
  const auto early = judged(kStarted + 6min + 1s);
  EXPECT_EQ(early.action, Verdict::Action::reject);
  EXPECT_EQ(early.reason, "from_future");
  EXPECT_THAT(early.detail, HasSubstr("a clock is wrong"));
}

TEST(Timestamp, WithoutALateWindowTakesAnyTime) {
  EXPECT_EQ(settled("2100-01-01T00:00:00Z").time_text, "");
  EXPECT_EQ(settled("1970-01-02T00:00:00Z").time_text, "");
}

TEST(Timestamp, RefusesTimesThatAreNeither) {
  for (const auto* bad : {"yesterday", "2026-01-31", "2026-01-31T12:00:00", "1.5", "12 ", "0x10",
                          "99999999999999999999"}) {
    auto record = make_record("m", {});
    record.time_text = bad;

    const auto verdict = make_stage("timestamp")->process(record, kRun);

    EXPECT_EQ(verdict.action, Verdict::Action::reject) << bad;
    EXPECT_EQ(verdict.reason, "bad time");
    EXPECT_THAT(verdict.detail, HasSubstr(bad));
    EXPECT_EQ(record.time_text, bad);  // for the dead letter
  }
}

}  // namespace
}  // namespace unity
