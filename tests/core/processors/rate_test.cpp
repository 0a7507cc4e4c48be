#include <gtest/gtest.h>

#include "core/support/records.hpp"
#include "core/support/stage.hpp"

namespace unity {
namespace {

using namespace std::chrono_literals;

constexpr Instant kBegan{std::chrono::hours(3)};
constexpr Time kStarted{std::chrono::hours(480'000)};

class RateTest : public testing::Test {
 protected:
  // Passes a record of the run that began `after` the first one.
  Verdict see(Record& record, Duration after) {
    const auto started = kStarted + std::chrono::floor<std::chrono::microseconds>(after);
    if (record.time == Time{}) record.time = started;
    return rate_->process(record, {started, kBegan + after});
  }

  // The rate of the field "x" of a record with nothing else; nothing if it was dropped.
  std::optional<double> rate_of(FieldValue value, Duration after, Tags tags = {}) {
    auto record = make_record("m", {counter("x", std::move(value))}, std::move(tags));
    const auto verdict = see(record, after);
    if (verdict.action == Verdict::Action::drop) {
      EXPECT_EQ(verdict.reason, "first of a rate");
      return std::nullopt;
    }
    EXPECT_EQ(record.fields.at(0).kind, Kind::rate);
    return std::get<double>(record.fields.at(0).value);
  }

  // The same for a record that brings its own time.
  std::optional<double> rate_at(std::int64_t value, Time time) {
    auto record = make_record("m", {counter("x", value)});
    record.time = time;
    const auto verdict = see(record, 0s);
    if (verdict.action == Verdict::Action::drop) return std::nullopt;
    return std::get<double>(record.fields.at(0).value);
  }

  std::unique_ptr<Processor> rate_ = make_stage("rate");
};

TEST_F(RateTest, DividesTheGrowthByTheTimeBetweenTheRuns) {
  EXPECT_EQ(rate_of(std::int64_t{100}, 0s), std::nullopt);
  EXPECT_EQ(rate_of(std::int64_t{250}, 10s), 15.0);
  EXPECT_EQ(rate_of(std::int64_t{250}, 20s), 0.0);
  EXPECT_EQ(rate_of(std::int64_t{251}, 20s + 500ms), 2.0);
}

TEST_F(RateTest, NamesTheKindAndTheUnitOfARate) {
  auto first =
      make_record("m", {counter("rx", std::int64_t{1}, "By"), counter("n", std::int64_t{1})});
  see(first, 0s);
  auto record =
      make_record("m", {counter("rx", std::int64_t{2}, "By"), counter("n", std::int64_t{2})});

  ASSERT_EQ(see(record, 1s).action, Verdict::Action::keep);

  EXPECT_EQ(record.fields.at(0), (Field{"rx", 1.0, Kind::rate, "By/s"}));
  EXPECT_EQ(record.fields.at(1), (Field{"n", 1.0, Kind::rate, "1/s"}));
}

TEST_F(RateTest, KeepsEveryBitOfLargeCounters) {
  // As doubles both would be equal.
  rate_of(std::uint64_t{9223372036854775807u}, 0s);
  EXPECT_EQ(rate_of(std::uint64_t{9223372036854775810u}, 1s), 3.0);
  EXPECT_EQ(rate_of(std::uint64_t{18446744073709551612u}, 2s), 9223372036854775802.0);
  EXPECT_EQ(rate_of(UINT64_MAX, 3s), 3.0);
}

TEST_F(RateTest, ComparesSignedAndUnsignedValuesOfOneCounter) {
  rate_of(INT64_MAX, 0s);
  EXPECT_EQ(rate_of(std::uint64_t{1} << 63, 1s), 1.0);
}

TEST_F(RateTest, SeesAWrapAt64BitsIfTheRateStaysPlausible) {
  rate_of(UINT64_MAX - 200, 0s);
  EXPECT_EQ(rate_of(UINT64_MAX - 100, 1s), 100.0);
  EXPECT_EQ(rate_of(std::int64_t{49}, 2s), 150.0);
}

TEST_F(RateTest, SeesAWrapAt32BitsIfTheRateStaysPlausible) {
  rate_of(std::int64_t{UINT32_MAX - 200}, 0s);
  EXPECT_EQ(rate_of(std::int64_t{UINT32_MAX - 100}, 1s), 100.0);
  EXPECT_EQ(rate_of(std::int64_t{49}, 2s), 150.0);
}

TEST_F(RateTest, TakesACounterThatWentDownForReset) {
  rate_of(std::int64_t{1000}, 0s);
  EXPECT_EQ(rate_of(std::int64_t{1100}, 1s), 100.0);
  EXPECT_EQ(rate_of(std::int64_t{20}, 2s), std::nullopt);
  EXPECT_EQ(rate_of(std::int64_t{70}, 3s), 50.0);
}

TEST_F(RateTest, WithoutAnEarlierRateNoWrapIsPlausible) {
  rate_of(UINT64_MAX - 1, 0s);
  EXPECT_EQ(rate_of(std::int64_t{5}, 1s), std::nullopt);
}

TEST_F(RateTest, CountsFractionsToo) {
  rate_of(1.5, 0s);
  EXPECT_EQ(rate_of(4.0, 2s), 1.25);
  EXPECT_EQ(rate_of(3.0, 4s), std::nullopt);
  EXPECT_EQ(rate_of(std::int64_t{5}, 6s), 1.0);
}

TEST_F(RateTest, KeepsTheGaugesOfARecordWhoseCountersAreNew) {
  auto record = make_record("m", {counter("x", std::int64_t{1}), gauge("load", 0.5, "1")});

  EXPECT_EQ(see(record, 0s).action, Verdict::Action::keep);

  ASSERT_EQ(record.fields.size(), 1u);
  EXPECT_EQ(record.fields[0], gauge("load", 0.5, "1"));
}

TEST_F(RateTest, LeavesRecordsWithoutCountersAlone) {
  auto record = make_record("m", {gauge("load", 0.5)});
  EXPECT_EQ(see(record, 0s).action, Verdict::Action::keep);
  EXPECT_EQ(record.fields.size(), 1u);
}

TEST_F(RateTest, DifferentTagsAndMetricsAreDifferentSeries) {
  rate_of(std::int64_t{1}, 0s, {{"if", "eth0"}});

  EXPECT_EQ(rate_of(std::int64_t{5}, 1s, {{"if", "eth1"}}), std::nullopt);
  EXPECT_EQ(rate_of(std::int64_t{3}, 1s, {{"if", "eth0"}}), 2.0);
  auto other = make_record("n", {counter("x", std::int64_t{9})}, {{"if", "eth0"}});
  EXPECT_EQ(see(other, 2s).action, Verdict::Action::drop);
}

TEST_F(RateTest, TheOrderOfTagsDoesNotMatter) {
  rate_of(std::int64_t{1}, 0s, {{"a", "1"}, {"b", "2"}});
  EXPECT_EQ(rate_of(std::int64_t{3}, 1s, {{"b", "2"}, {"a", "1"}}), 2.0);
}

TEST_F(RateTest, TagsThatHoldZeroBytesAreNotMixedUp) {
  rate_of(std::int64_t{1}, 0s, {{"a", std::string("1\0b\0002", 5)}});
  EXPECT_EQ(rate_of(std::int64_t{3}, 1s, {{"a", "1"}, {"b", "2"}}), std::nullopt);
}

TEST_F(RateTest, UsesTheTimeThatARecordBrings) {
  EXPECT_EQ(rate_at(100, kStarted + 1h), std::nullopt);
  EXPECT_EQ(rate_at(200, kStarted + 1h + 50s), 2.0);
}

TEST_F(RateTest, GivesNoRateWhenTheTimesOfRecordsGoBackOrStandStill) {
  rate_at(100, kStarted + 100s);
  EXPECT_EQ(rate_at(200, kStarted + 40s), std::nullopt);
  EXPECT_EQ(rate_at(210, kStarted + 50s), 1.0);
  EXPECT_EQ(rate_at(300, kStarted + 50s), std::nullopt);
}

TEST_F(RateTest, SetsTheClockAsideForRecordsWithoutATime) {
  auto first = make_record("m", {counter("x", std::int64_t{0})});
  first.time = kStarted;
  rate_->process(first, {kStarted, kBegan});
  auto second = make_record("m", {counter("x", std::int64_t{50})});
  second.time = kStarted - 1h;  // somebody set the clock back

  EXPECT_EQ(rate_->process(second, {second.time, kBegan + 10s}).action, Verdict::Action::keep);

  EXPECT_EQ(value_of(second, "x"), FieldValue(5.0));
}

TEST_F(RateTest, DoesNotCompareAnOwnTimeWithThatOfARun) {
  rate_of(std::int64_t{100}, 0s);
  EXPECT_EQ(rate_at(200, kStarted + 1h), std::nullopt);
}

TEST_F(RateTest, ANullHasNoRateAndDoesNotDisturbTheNext) {
  rate_of(std::int64_t{100}, 0s);
  auto null = make_record("m", {counter("x", FieldValue())});

  EXPECT_EQ(see(null, 10s).action, Verdict::Action::keep);

  EXPECT_EQ(value_of(null, "x"), FieldValue());
  EXPECT_EQ(rate_of(std::int64_t{300}, 20s), 10.0);
}

TEST_F(RateTest, ACounterThatWasLeftOutOnceHasItsOwnTimes) {
  auto first = make_record("m", {counter("x", std::int64_t{0}), counter("y", std::int64_t{0})});
  see(first, 0s);
  auto without = make_record("m", {counter("x", std::int64_t{10})});
  see(without, 10s);
  auto record = make_record("m", {counter("x", std::int64_t{20}), counter("y", std::int64_t{20})});

  see(record, 20s);

  EXPECT_EQ(value_of(record, "x"), FieldValue(1.0));
  EXPECT_EQ(value_of(record, "y"), FieldValue(1.0));
}

TEST_F(RateTest, CountersOfOneMetricMayComeInSeveralRecordsOfARun) {
  auto rx = make_record("net", {counter("rx", std::int64_t{0})});
  auto tx = make_record("net", {counter("tx", std::int64_t{0})});
  see(rx, 0s);
  see(tx, 0s);
  rx = make_record("net", {counter("rx", std::int64_t{100})});
  tx = make_record("net", {counter("tx", std::int64_t{200})});

  EXPECT_EQ(see(rx, 10s).action, Verdict::Action::keep);
  EXPECT_EQ(see(tx, 10s).action, Verdict::Action::keep);

  EXPECT_EQ(value_of(rx, "rx"), FieldValue(10.0));
  EXPECT_EQ(value_of(tx, "tx"), FieldValue(20.0));
}

TEST_F(RateTest, ForgetsSeriesOnlyWhenTheyAreManyAndOld) {
  for (int i = 0; i < 10'001; ++i) rate_of(std::int64_t{i}, 0s, {{"pid", std::to_string(i)}});
  EXPECT_EQ(rate_of(std::int64_t{7}, 30min, {{"pid", "0"}}), 7.0 / 1800);

  EXPECT_EQ(rate_of(std::int64_t{9}, 61min, {{"pid", "1"}}), std::nullopt);
  EXPECT_EQ(rate_of(std::int64_t{67}, 62min, {{"pid", "0"}}), 60.0 / (32 * 60));
}

TEST_F(RateTest, KeepsASummaryThoughItsCountersHaveNoRateYet) {
  auto record = make_record("m", {counter("x", std::int64_t{1})});
  record.summary = "one so far";

  EXPECT_EQ(see(record, 0s).action, Verdict::Action::keep);
}

// A stage that knows what another one knew, in this or another start of the machine.
std::unique_ptr<Processor> restarted(const Processor& before, const std::string& boot) {
  auto context = context_of(small_manifest());
  context.boot = boot;
  auto after = make_stage("rate", "", context);
  after->restore(before.save());
  return after;
}

TEST_F(RateTest, GoesOnAfterARestartOfTheHost) {
  rate_ = restarted(*rate_, "one");
  rate_of(UINT64_MAX - 300, 0s, {{"if", std::string("\0\xff", 2)}});
  rate_of(UINT64_MAX - 200, 1s, {{"if", std::string("\0\xff", 2)}});

  rate_ = restarted(*rate_, "one");

  // The last rate is known as well: without it no wrap would be plausible.
  EXPECT_EQ(rate_of(std::int64_t{99}, 4s, {{"if", std::string("\0\xff", 2)}}), 100.0);
}

TEST_F(RateTest, ARestartKeepsTheTimesThatRecordsBrought) {
  rate_ = restarted(*rate_, "one");
  rate_at(100, kStarted + 1h);

  rate_ = restarted(*rate_, "two");

  EXPECT_EQ(rate_at(200, kStarted + 1h + 50s), 2.0);
}

TEST_F(RateTest, AfterARebootTheWallClockTellsHowLongItWas) {
  rate_ = restarted(*rate_, "one");
  rate_of(std::int64_t{100}, 0s);

  rate_ = restarted(*rate_, "two");
  auto record = make_record("m", {counter("x", std::int64_t{500})});
  record.time = kStarted + 200s;
  // The clock that nobody sets began anew and stands below what it was.
  const auto verdict = rate_->process(record, {record.time, Instant(30s)});

  EXPECT_EQ(verdict.action, Verdict::Action::keep);
  EXPECT_EQ(value_of(record, "x"), FieldValue(2.0));
}

TEST_F(RateTest, ACounterThatBeganAnewWithTheMachineIsReset) {
  rate_ = restarted(*rate_, "one");
  rate_of(std::int64_t{1000}, 0s);
  rate_of(std::int64_t{1100}, 10s);

  rate_ = restarted(*rate_, "two");

  EXPECT_EQ(rate_of(std::int64_t{5}, 100s), std::nullopt);
  EXPECT_EQ(rate_of(std::int64_t{25}, 110s), 2.0);
}

TEST_F(RateTest, AClockThatWasSetBackAcrossARebootCostsOneRate) {
  rate_ = restarted(*rate_, "one");
  rate_of(std::int64_t{100}, 0s);

  rate_ = restarted(*rate_, "two");

  EXPECT_EQ(rate_of(std::int64_t{200}, -1h), std::nullopt);
  EXPECT_EQ(rate_of(std::int64_t{260}, -1h + 30s), 2.0);
}

TEST_F(RateTest, AnUnknownBootIsTakenForAnother) {
  rate_of(std::int64_t{100}, 0s);  // no boot is known
  rate_ = restarted(*rate_, "");

  auto record = make_record("m", {counter("x", std::int64_t{500})});
  record.time = kStarted + 100s;
  rate_->process(record, {record.time, kBegan + 10s});

  EXPECT_EQ(value_of(record, "x"), FieldValue(4.0));  // by the wall clock
}

TEST_F(RateTest, ManySeriesOutliveARestart) {
  rate_ = restarted(*rate_, "one");
  for (int i = 0; i < 10'001; ++i) rate_of(std::int64_t{i}, 0s, {{"pid", std::to_string(i)}});

  rate_ = restarted(*rate_, "one");

  EXPECT_EQ(rate_of(std::int64_t{10}, 10s, {{"pid", "0"}}), 1.0);
  EXPECT_EQ(rate_of(std::int64_t{11}, 10s, {{"pid", "1"}}), 1.0);
}

TEST_F(RateTest, WhatCannotBeReadIsLeftAside) {
  rate_of(std::int64_t{100}, 0s);
  const auto saved = rate_->save();
  for (const auto& damaged :
       {std::string(), saved.substr(0, saved.size() / 2), std::string("[]"),
        std::string(R"({"version":99,"boot":"","series":{}})"),
        std::string(R"({"version":1,"boot":"","series":{"zz":[["x"],5,null]}})")}) {
    rate_ = make_stage("rate");
    rate_->restore(damaged);

    EXPECT_EQ(rate_of(std::int64_t{200}, 10s), std::nullopt) << damaged;
    EXPECT_EQ(rate_of(std::int64_t{220}, 20s), 2.0) << damaged;
  }
}

TEST_F(RateTest, WhatWasSeenSinceIsNewerThanWhatWasSaved) {
  rate_of(std::int64_t{100}, 0s);
  const auto saved = rate_->save();
  rate_of(std::int64_t{200}, 10s);

  rate_->restore(saved);

  EXPECT_EQ(rate_of(std::int64_t{300}, 20s), 10.0);
}

TEST_F(RateTest, TimesFarInTheFutureDoNotOverflow) {
  const auto far = *parse_rfc3339("9999-12-31T00:00:00Z");
  rate_at(0, far);

  EXPECT_EQ(rate_at(20, far + 10s), 2.0);
}

}  // namespace
}  // namespace unity
