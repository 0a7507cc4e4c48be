// What rollups promise in every database: whatever came in which order and however often, and
// wherever the job was stopped, they are what one computes from all numbers.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <tuple>
#include <utility>

#include "db/asking_store.hpp"
#include "db/disordered_stream.hpp"
#include "db/records.hpp"
#include "db/schema_conformance.hpp"
#include "registry.hpp"
#include "rollup/rollup_job.hpp"
#include "unity/db/maintenance.hpp"

namespace unity::test {

using db::Tier;

constexpr auto kGrace = std::chrono::minutes(5);

// (metric, field, tags, beginning of the bucket in seconds)
using RollupKey = std::tuple<std::string, std::string, std::string, std::int64_t>;

class RollupConformance : public testing::TestWithParam<MakeSchemaFixture> {
 protected:
  void SetUp() override {
    const auto upgraded = db::upgrade_schema(config_, "test");
    ASSERT_TRUE(upgraded) << upgraded.error().message;
    open();
  }
  void open() {
    auto database = db::open_database(config_);
    ASSERT_TRUE(database) << database.error().message;
    database_ = std::move(*database);
    auto session = db::open_maintenance_session(config_);
    ASSERT_TRUE(session) << session.error().message;
    session_ = std::move(*session);
    store_ = &session_->rollups();
  }

  void write(const std::vector<Record>& batch) {
    const auto written = database_->storage().write(batch);
    ASSERT_TRUE(written) << written.error().message;
    for (const auto& record : batch) {
      for (const auto& one : record.fields) {
        const auto* number = std::get_if<double>(&one.value);
        if (number == nullptr || std::isnan(*number)) continue;
        numbers_[{record.metric, one.name, record.tags.to_json()}][record.time] = *number;
      }
    }
  }
  // A process that does the job once, as another host would, and that is killed during a call: the
  // one after so many. Its status, and how many calls it began. Nothing may be open here: a
  // connection does not survive a fork.
  std::pair<int, int> roll_up_in_child(int calls) {
    store_ = nullptr;
    session_.reset();
    database_.reset();
    int pipe_ends[2];
    EXPECT_EQ(pipe(pipe_ends), 0);
    const auto child = fork();
    if (child == 0) {
      auto session = db::open_maintenance_session(config_);
      if (!session) _exit(1);
      AskingStore telling((*session)->rollups(), [&] { return ::write(pipe_ends[1], "", 1) == 1; });
      _exit(db::roll_up(telling, now_, kGrace, 1000, never_) ? 0 : 1);
    }
    close(pipe_ends[1]);
    int begun = 0;
    char byte;
    while (begun <= calls && read(pipe_ends[0], &byte, 1) == 1) ++begun;
    if (begun > calls) ::kill(child, SIGKILL);
    close(pipe_ends[0]);
    int status = -1;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return {status, begun};
  }
  db::RollupOutcome roll_up(std::size_t buckets_max = 1000) {
    const auto outcome = db::roll_up(*store_, now_, kGrace, buckets_max, never_);
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? *outcome : db::RollupOutcome();
  }

  // What is in the database, and what one computes from everything that was written.
  std::map<RollupKey, db::Rollup> stored(Tier tier);
  std::map<RollupKey, db::Rollup> computed(Tier tier);
  std::string value(const std::string& sql) {
    const auto found = fixture_->rows(sql);
    return found.empty() ? std::string() : found.front();
  }
  void expect_right() {
    for (const auto tier : {Tier::hour, Tier::day}) {
      const auto wanted = computed(tier);
      const auto found = stored(tier);
      ASSERT_EQ(found.size(), wanted.size());
      for (const auto& [key, rollup] : wanted) {
        const auto other = found.find(key);
        ASSERT_NE(other, found.end()) << std::get<0>(key) << " at " << std::get<3>(key);
        EXPECT_EQ(other->second.n, rollup.n) << std::get<0>(key) << " at " << std::get<3>(key);
        EXPECT_NEAR(other->second.sum, rollup.sum, 1e-9 * std::abs(rollup.sum));
        EXPECT_EQ(other->second.min, rollup.min);
        EXPECT_EQ(other->second.max, rollup.max);
        EXPECT_EQ(other->second.last_time, rollup.last_time);
        EXPECT_EQ(other->second.last_value, rollup.last_value);
      }
    }
  }

  std::unique_ptr<SchemaFixture> fixture_ = GetParam()();
  db::DatabaseConfig config_ = fixture_->config();
  std::unique_ptr<db::Database> database_;
  std::unique_ptr<db::MaintenanceSession> session_;
  db::RollupStore* store_ = nullptr;
  const std::atomic<bool> never_ = false;
  Time now_ = at_second(kFirstHour + 30 * kDay);
  std::map<std::tuple<std::string, std::string, std::string>, std::map<Time, double>> numbers_;
};

inline std::map<RollupKey, db::Rollup> RollupConformance::stored(Tier tier) {
  std::map<std::int64_t, std::tuple<std::string, std::string, std::string>> names;
  for (const auto& row : fixture_->rows("SELECT n.series_id, n.metric_name, n.field, s.tags "
                                        "FROM metric_series n JOIN metric_sources s "
                                        "ON s.source_id = n.source_id")) {
    std::vector<std::string> parts;
    std::istringstream in(row);
    for (std::string part; std::getline(in, part, '|');) parts.push_back(part);
    names[std::stoll(parts[0])] = {parts[1], parts[2], Tags::from_json(parts[3]).to_json()};
  }
  std::set<std::int64_t> buckets;
  for (const auto& [key, rollup] : computed(tier)) buckets.insert(std::get<3>(key));
  std::map<RollupKey, db::Rollup> found;
  for (const auto bucket : buckets) {
    const auto from = at_second(bucket);
    const auto read = store_->rollups(tier, from, from + db::length_of(tier), 0, 1'000'000,
                                      [&](const db::Rollup& rollup) {
                                        const auto& [metric, name, tags] = names[rollup.series_id];
                                        found[{metric, name, tags, bucket}] = rollup;
                                      });
    EXPECT_TRUE(read) << read.error().message;
  }
  const auto* table = tier == Tier::hour ? "metric_rollup_1h" : "metric_rollup_1d";
  EXPECT_EQ(value(std::string("SELECT count(*) FROM ") + table), std::to_string(found.size()));
  return found;
}

inline std::map<RollupKey, db::Rollup> RollupConformance::computed(Tier tier) {
  std::map<RollupKey, db::Rollup> all;
  for (const auto& [name, numbers] : numbers_) {
    for (const auto& [time, number] : numbers) {
      const auto bucket = db::bucket_of(tier, time).time_since_epoch().count() / 1'000'000;
      all[{std::get<0>(name), std::get<1>(name), std::get<2>(name), bucket}].add(time, number);
    }
  }
  return all;
}

TEST_P(RollupConformance, AreWhatOneComputesFromAllNumbers) {
  for (const auto& batch : disordered_stream(1)) write(batch);
  const auto outcome = roll_up();
  EXPECT_GE(outcome.hours, 3u);
  EXPECT_GE(outcome.days, 1u);
  expect_right();
  EXPECT_EQ(value("SELECT count(*) FROM rollup_dirty"), "0");
  EXPECT_EQ(roll_up().rows, 0u) << "nothing has changed since";
}

TEST_P(RollupConformance, LateNumbersAndRedeliveryCorrectTheHourAndTheDay) {
  write({record("cpu", at_second(kFirstHour), {field("used", 1.5)})});
  roll_up();
  expect_right();
  write({record("cpu", at_second(kFirstHour), {field("used", 1.5)})});
  write({record("cpu", at_second(kFirstHour + 60), {field("used", 1000.5)})});
  roll_up();
  expect_right();
}

TEST_P(RollupConformance, AJobThatIsStoppedAnywhereGoesOnTheNextTime) {
  std::mt19937 random(2);
  for (const auto& batch : disordered_stream(2)) {
    write(batch);
    FailingStore failing(*store_, static_cast<int>(random() % 8));
    (void)db::roll_up(failing, now_, kGrace, 1000, never_);
  }
  roll_up();
  expect_right();
}

// schema.md 2.4, 2.
TEST_P(RollupConformance, AJobThatIsKilledAHundredTimesLeavesWhatOneComputes) {
  std::mt19937 random(3);
  const auto write_somewhere = [&](int round) {
    const auto first = static_cast<int>(random() % 48);
    std::vector<Record> batch;
    for (int i = 0; i < 6; ++i) {
      const auto hour = (first + i * 7) % 48;
      for (const auto* name : {"web", "db"}) {
        batch.push_back(record("cpu", at_second(kFirstHour + hour * kHour + round),
                               {field("used", static_cast<double>(random() % 1000) / 7)},
                               {{"name", name}}));
      }
    }
    write(batch);
  };
  write_somewhere(0);
  const auto [status, whole] = roll_up_in_child(std::numeric_limits<int>::max());
  ASSERT_EQ(status, 0) << "not even without a kill";
  for (int round = 1, killed = 0; killed < 100; ++round) {
    ASSERT_LT(round, 1000);
    open();
    write_somewhere(round);
    const auto [end, begun] =
        roll_up_in_child(static_cast<int>(random() % static_cast<unsigned>(whole)));
    if (WIFSIGNALED(end)) {
      ++killed;
    } else {
      ASSERT_EQ(end, 0) << "it fails by itself in round " << round;
    }
  }

  open();
  // A server notices only after a while that nobody has the lock any more.
  while (value("SELECT count(*) FROM rollup_dirty") != "0") roll_up();
  expect_right();
}

TEST_P(RollupConformance, AnHourIsComputedOnlyWhenItIsOver) {
  now_ = at_second(kFirstHour + kHour) + kGrace - std::chrono::seconds(1);
  write({record("cpu", at_second(kFirstHour), {field("used", 1.5)})});
  EXPECT_EQ(roll_up().hours, 0u);
  now_ += std::chrono::seconds(2);
  EXPECT_EQ(roll_up().hours, 1u);
  expect_right();
}

TEST_P(RollupConformance, WhatWasDroppedKeepsItsRollups) {
  write({record("cpu", at_second(kFirstHour), {field("used", 1.5)})});
  roll_up();
  // As retention does: first the floor, then the rows; and a mark that came late.
  value(
      "INSERT INTO retention_state (table_name, floor_time, raised_at, dropped_before) "
      "SELECT 'metric_frames', f, f, f FROM (SELECT " +
      fixture_->time_literal(kFirstHour + kDay) + " AS f) floors");
  value("DELETE FROM metric_frames");
  value("INSERT INTO rollup_dirty (tier, bucket) VALUES (1, " + fixture_->time_literal(kFirstHour) +
        ")");
  roll_up();
  expect_right();
  EXPECT_EQ(value("SELECT count(*) FROM rollup_dirty"), "0");
}

// Stored by a version of unity that did not mark hours, in more hours than one page of them.
TEST_P(RollupConformance, WhatWasStoredWithoutMarksIsMarkedOnce) {
  std::vector<Record> old;
  for (std::int64_t hour = 0; hour < 250; ++hour) {
    const auto time = at_second(kFirstHour + (hour < 200 ? hour : 2 * hour) * kHour + 7);
    old.push_back(record("cpu", time, {field("used", static_cast<double>(hour) / 3)},
                         {{"name", hour % 2 == 0 ? "web" : "db"}}));
  }
  write(old);
  value("DELETE FROM rollup_dirty");
  write({record("cpu", at_second(kFirstHour), {field("used", 1.5)})});  // with a mark
  for (int calls = 0; calls < 300; calls += 37) {
    FailingStore failing(*store_, calls);
    (void)db::roll_up(failing, now_, kGrace, 1000, never_);
  }
  while (roll_up().more) continue;
  expect_right();
  EXPECT_EQ(value("SELECT count(*) FROM rollup_dirty"), "0");
  EXPECT_EQ(value("SELECT total_runs FROM maintenance_jobs WHERE job = 'rollup_marks'"), "1");
  // The hours are not marked again.
  EXPECT_EQ(roll_up().rows, 0u);
}

TEST_P(RollupConformance, UntilAllIsMarkedNumbersAreReadInsteadOfRollups) {
  write({record("cpu", at_second(kFirstHour), {field("used", 1.5)}),
         record("cpu", at_second(kFirstHour + kHour), {field("used", 2.5)})});
  value("DELETE FROM rollup_dirty");
  const auto ask = [this]() -> BucketAnswer {
    BucketQuery query;
    query.from = at_second(kFirstHour - kHour);
    query.to = at_second(kFirstHour + kDay);
    query.step = std::chrono::hours(1);
    const auto answer = database_->reader().buckets(query);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *answer : BucketAnswer();
  };
  const auto before = ask();
  EXPECT_EQ(before.how.resolution, Resolution::raw);
  ASSERT_EQ(before.series.size(), 1u);
  EXPECT_EQ(before.series[0].buckets.size(), 2u);
  roll_up();
  const auto after = ask();
  EXPECT_EQ(after.how.resolution, Resolution::hour);
  ASSERT_EQ(after.series.size(), 1u);
  ASSERT_EQ(after.series[0].buckets.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(after.series[0].buckets[i].begin, before.series[0].buckets[i].begin);
    EXPECT_EQ(after.series[0].buckets[i].value, before.series[0].buckets[i].value);
  }
}

TEST_P(RollupConformance, OnlyOneHostIsAtIt) {
  auto other = db::open_maintenance_session(config_);
  ASSERT_TRUE(other) << other.error().message;
  ASSERT_TRUE(*(*other)->rollups().try_lock());
  EXPECT_TRUE(roll_up().somebody_else);
  ASSERT_TRUE((*other)->rollups().unlock());
  EXPECT_FALSE(roll_up().somebody_else);
}

TEST_P(RollupConformance, GoOnInPieces) {
  for (const auto& batch : disordered_stream(3)) write(batch);
  int pieces = 0;
  while (roll_up(1).more && ++pieces < 100) continue;
  EXPECT_GT(pieces, 2);
  roll_up();
  expect_right();
}

TEST_P(RollupConformance, TheJobIsNotedWithWhatItDidLast) {
  EXPECT_TRUE(db::read_jobs(config_)->empty());
  write({record("cpu", at_second(kFirstHour), {field("used", 1.5)})});
  auto maintenance = db::open_maintenance(config_, {});
  ASSERT_TRUE(maintenance) << maintenance.error().message;
  EXPECT_FALSE(*(*maintenance)->work(now_, never_));
  EXPECT_FALSE(*(*maintenance)->work(now_ + std::chrono::minutes(1), never_));
  expect_right();
  const auto jobs = db::read_jobs(config_);
  ASSERT_TRUE(jobs) << jobs.error().message;
  ASSERT_EQ(jobs->size(), 2u);
  EXPECT_EQ(jobs->back().job, db::kMarksJob);
  const auto& job = jobs->front();
  EXPECT_EQ(job.job, "rollup");
  EXPECT_EQ(job.last_status, "success");
  EXPECT_EQ(job.total_runs, 2);
  EXPECT_EQ(job.total_failures, 0);
  EXPECT_EQ(job.last_started, now_ + std::chrono::minutes(1));
  EXPECT_EQ(job.next_due, now_ + std::chrono::minutes(2));
  EXPECT_TRUE(job.last_success);
  EXPECT_FALSE(db::is_overdue(job, now_ + std::chrono::minutes(4)));
  EXPECT_FALSE(db::is_overdue(jobs->back(), now_ + std::chrono::years(1))) << "done once for all";
}

TEST_P(RollupConformance, AJobIsOverdueThreeTurnsAfterItsLastSuccess) {
  db::JobState job;
  EXPECT_FALSE(db::is_overdue(job, now_)) << "it never ran";
  job.last_started = now_ + 10 * kGrace;  // it runs, and fails
  job.next_due = now_ + 11 * kGrace;
  job.last_success = now_;
  EXPECT_FALSE(db::is_overdue(job, now_ + 3 * kGrace));
  EXPECT_TRUE(db::is_overdue(job, now_ + 3 * kGrace + Time::duration(1)));
}

TEST_P(RollupConformance, AFailureIsNotedAndTheLastSuccessStays) {
  const auto run = [this](Time time, std::string_view error) {
    const auto noted = session_->jobs().write(
        {"rollup", "", time, time + std::chrono::seconds(2), time + kGrace, error});
    ASSERT_TRUE(noted) << noted.error().message;
  };
  run(at_second(100), "");
  run(at_second(200), "no room");
  const auto jobs = session_->jobs().read();
  ASSERT_TRUE(jobs) << jobs.error().message;
  const auto& job = jobs->front();
  EXPECT_EQ(job.last_status, "failed");
  EXPECT_EQ(job.last_error, "no room");
  EXPECT_EQ(job.last_success, at_second(102));
  EXPECT_EQ(job.last_duration_ms, 2000);
  EXPECT_EQ(job.total_runs, 2);
  EXPECT_EQ(job.total_failures, 1);
}

}  // namespace unity::test
