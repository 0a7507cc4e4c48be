// What retention promises in every database: what is old goes, nothing else does, what was made of
// it stays, and nobody who reads or writes is held up.
#pragma once

#include "db/dataset_rows.hpp"
#include "db/rollup_conformance.hpp"
#include "retention/known_floor.hpp"
#include "retention/retention_job.hpp"

namespace unity::test {

using std::chrono::days;

// A store that fails at a call.
class FailingRetention : public db::RetentionStore {
 public:
  FailingRetention(db::RetentionStore& store, int& calls) : store_(store), calls_(calls) {}

  Result<std::optional<db::Floor>> floor(std::string_view table) override {
    if (--calls_ < 0) return failure();
    return store_.floor(table);
  }
  Result<void> raise(std::string_view table, Time floor, Time now) override {
    if (--calls_ < 0) return failure();
    return store_.raise(table, floor, now);
  }
  Result<void> correct(std::string_view table, Time floor, Time raised_at) override {
    if (--calls_ < 0) return failure();
    return store_.correct(table, floor, raised_at);
  }
  Result<void> begin_drop(std::string_view table) override {
    if (--calls_ < 0) return failure();
    return store_.begin_drop(table);
  }
  Result<std::optional<Time>> floor_for_size(const db::AgingTable& table, std::uint64_t bytes_max,
                                             Time today) override {
    return store_.floor_for_size(table, bytes_max, today);
  }
  Result<db::Forgotten> forget(const db::AgingTable& table, Time floor) override {
    if (--calls_ < 0) return failure();
    return store_.forget(table, floor);
  }
  Result<bool> shrink() override { return store_.shrink(); }

 private:
  static Error failure() { return {Errc::unavailable, "stopped by the test"}; }

  db::RetentionStore& store_;
  int& calls_;
};

// A store of tables that take many steps; of "nowhere" it knows nothing.
class SlowRetention : public db::RetentionStore {
 public:
  Result<std::optional<db::Floor>> floor(std::string_view table) override {
    if (table == "nowhere") return Error{Errc::not_found, "there is no table nowhere"};
    ++looks;
    const auto at = floors_.find(std::string(table));
    return at == floors_.end() ? std::optional<db::Floor>() : at->second;
  }
  Result<void> raise(std::string_view table, Time floor, Time now) override {
    auto& at = floors_[std::string(table)];
    at.time = floor;
    at.raised_at = now;
    return {};
  }
  Result<void> correct(std::string_view table, Time floor, Time raised_at) override {
    return raise(table, floor, raised_at);
  }
  Result<void> begin_drop(std::string_view table) override {
    auto& at = floors_[std::string(table)];
    at.dropped_before = at.time;
    return {};
  }
  Result<std::optional<Time>> floor_for_size(const db::AgingTable&, std::uint64_t, Time) override {
    return std::optional<Time>();
  }
  Result<db::Forgotten> forget(const db::AgingTable& table, Time) override {
    db::Forgotten step;
    step.more = ++steps[table.table] < kSteps;
    return step;
  }
  Result<bool> shrink() override { return false; }

  static constexpr int kSteps = 100;  // of more than one piece
  std::map<std::string, int> steps;
  int looks = 0;

 private:
  std::map<std::string, db::Floor> floors_;
};

// Of another session, with stores that are not its own.
class BorrowedSession : public db::MaintenanceSession {
 public:
  BorrowedSession(db::MaintenanceSession& session, db::RollupStore& rollups,
                  db::RetentionStore& retention, bool& lost)
      : session_(session), rollups_(rollups), retention_(retention), lost_(lost) {}

  bool is_lost() const override { return lost_; }
  db::JobBook& jobs() override { return session_.jobs(); }
  db::RollupStore& rollups() override { return rollups_; }
  db::RetentionStore& retention() override { return retention_; }
  db::DatasetRegistry& datasets() override { return session_.datasets(); }

 private:
  db::MaintenanceSession& session_;
  db::RollupStore& rollups_;
  db::RetentionStore& retention_;
  bool& lost_;
};

// Days are those before and after today: partitions are made by the wall clock.
class RetentionConformance : public RollupConformance {
 protected:
  static constexpr std::chrono::minutes kMinute{1};

  void SetUp() override {
    RollupConformance::SetUp();
    now_ = today_ + std::chrono::hours(12);
  }
  // Noon of a day so many days ago.
  Time ago(int many) const { return today_ - days(many) + std::chrono::hours(12); }
  static std::int64_t seconds_of(Time time) { return time.time_since_epoch().count() / 1'000'000; }
  std::string literal(Time time) { return fixture_->time_literal(seconds_of(time)); }
  std::string bytes_literal(const std::string& hex, bool is_uuid) {
    if (config_.type != "postgresql") return "X'" + hex + "'";
    return is_uuid ? "'" + hex + "'::uuid" : "'\\x" + hex + "'::bytea";
  }
  Record number(Time time, double value) {
    return record("cpu", time, {field("used", value)}, {{"name", "web"}});
  }
  // Of a table, not later than a moment.
  std::string count_before(const std::string& table, const std::string& column, Time time) {
    return value("SELECT count(*) FROM " + table + " WHERE " + column + " < " + literal(time));
  }
  // The parts that metric_frames is cut into; SQLite has none.
  int partitions() {
    if (config_.type == "sqlite") return 0;
    const std::string sql =
        config_.type == "postgresql"
            ? "SELECT count(*) FROM pg_inherits WHERE inhparent = 'metric_frames'::regclass"
            : "SELECT count(*) FROM information_schema.partitions WHERE table_schema = DATABASE() "
              "AND table_name = 'metric_frames'";
    return std::stoi(value(sql));
  }
  // A writer that knows the floors as they are now.
  void reopen() {
    database_.reset();
    auto database = db::open_database(config_);
    ASSERT_TRUE(database) << database.error().message;
    database_ = std::move(*database);
  }
  std::vector<Rejection> try_to_write(const std::vector<Record>& batch) {
    auto written = database_->storage().write(batch);
    if (!written) ADD_FAILURE() << written.error().message;
    return written ? *written : std::vector<Rejection>();
  }

  static db::AgingTable frames(int keep_days) {
    auto frames = db::aging_tables({}).front();
    frames.keep.time = days(keep_days);
    return frames;
  }
  // Until there is nothing left to do, a minute at a time.
  void retain(const std::vector<db::AgingTable>& tables) {
    db::RetentionJob job(tables);
    for (int minute = 0; minute < 5; ++minute, now_ += kMinute) {
      for (int i = 0;; ++i) {
        const auto more = job.work(session_->retention(), *store_, session_->jobs(), now_, never_);
        ASSERT_TRUE(more) << more.error().message;
        if (!*more) break;
        ASSERT_LT(i, 1000) << "there is no end to it";
      }
    }
  }

  const Time today_ = std::chrono::floor<days>(std::chrono::system_clock::now());
};

// schema.md 2.4, 4.
TEST_P(RetentionConformance, RollupsOlderThanTheRawFloorStayAndMarksOfDroppedBucketsAreIgnored) {
  for (const int day : {40, 35, 31, 29, 2}) write({number(ago(day), day)});
  roll_up();
  retain({frames(30)});
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "2");
  value("INSERT INTO rollup_dirty (tier, bucket) VALUES (1, " + literal(ago(40)) + ")");
  roll_up();
  expect_right();
  EXPECT_EQ(value("SELECT count(*) FROM rollup_dirty"), "0");
}

TEST_P(RetentionConformance, WhatWasNotRolledUpYetIsBeforeItsNumbersGo) {
  for (const auto& batch : disordered_stream(7)) {
    auto shifted = batch;
    for (auto& record : shifted) record.time += ago(60) - at_second(kFirstHour);
    write(shifted);
  }
  retain({frames(30)});
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "0");
  roll_up();  // their days
  expect_right();
}

TEST_P(RetentionConformance, RowsOfHoursAndDaysGoWhenTheirOwnTimeHasCome) {
  for (const int day : {50, 35, 20}) write({number(ago(day), day)});
  roll_up();
  auto tables = db::aging_tables({});
  tables[0].keep.time = days(10);
  tables[1].keep.time = days(30);
  tables[2].keep.time = days(40);
  tables.resize(3);
  retain(tables);
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "0");
  EXPECT_EQ(value("SELECT count(*) FROM metric_rollup_1h"), "1");
  EXPECT_EQ(value("SELECT count(*) FROM metric_rollup_1d"), "2");
  EXPECT_EQ(value("SELECT count(*) FROM metric_series"), "1") << "what is known of things stays";
}

TEST_P(RetentionConformance, ManyRowsOfManyKeysGoInSmallSteps) {
  std::vector<Record> batch;
  for (int source = 0; source < 1100; ++source) {
    for (int minute = 0; minute < 2; ++minute) {
      batch.push_back(record("cpu", ago(40) + kMinute * minute, {field("used", minute * 1.0)},
                             {{"name", std::to_string(source)}}));
    }
    batch.push_back(
        record("cpu", ago(1), {field("used", 1.0)}, {{"name", std::to_string(source)}}));
  }
  write(batch);
  roll_up();
  auto tables = db::aging_tables({});
  tables.resize(3);
  for (auto& table : tables) table.keep.time = days(30);
  retain(tables);
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "1100");
  EXPECT_EQ(value("SELECT count(*) FROM metric_rollup_1h"), "1100");
  EXPECT_EQ(value("SELECT count(*) FROM metric_rollup_1d"), "1100");
}

TEST_P(RetentionConformance, WhatIsBeforeTheFloorIsRefusedAsTooLateAndTheRestOfItsBatchIsNot) {
  write({number(ago(40), 1)});
  retain({frames(30)});
  reopen();
  write({number(ago(0) + kMinute, 4)});  // chunks are made by their first row, not ahead
  const auto before = partitions();
  const auto rejections = try_to_write({number(ago(29), 1), number(ago(45), 2), number(ago(0), 3)});
  ASSERT_EQ(rejections.size(), 1u);
  EXPECT_EQ(rejections[0].index, 1u);
  EXPECT_EQ(rejections[0].reason, "too_late");
  EXPECT_THAT(rejections[0].detail, testing::HasSubstr("retention.raw_metrics"));
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "3");
  EXPECT_LE(partitions(), before + 1) << "none for what was refused";
}

TEST_P(RetentionConformance, WritersHaveTimeToLearnOfAFloorBeforeAnythingGoes) {
  write({number(ago(40), 1)});
  roll_up();
  db::RetentionJob job({frames(30)});
  const auto work = [&] {
    const auto more = job.work(session_->retention(), *store_, session_->jobs(), now_, never_);
    ASSERT_TRUE(more) << more.error().message;
  };
  work();
  now_ += db::kFloorIsKnownAfter - std::chrono::seconds(1);
  work();
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "1");
  // Written by somebody who did not know: it is rolled up before it goes.
  write({number(ago(41), 2)});
  now_ += std::chrono::seconds(1);
  for (int i = 0; i < 10; ++i) work();
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "0");
  roll_up();  // their days
  expect_right();
}

TEST_P(RetentionConformance, AFloorUpToWhichRowsWentIsNeverLowered) {
  write({number(ago(40), 1)});
  retain({frames(30)});
  const auto floor = value("SELECT floor_time FROM retention_state");
  retain({frames(60)});
  EXPECT_EQ(value("SELECT floor_time FROM retention_state"), floor);
  retain({frames(20)});
  EXPECT_NE(value("SELECT floor_time FROM retention_state"), floor);
}

// One that is a year ahead for a while.
TEST_P(RetentionConformance, AClockThatWasWrongWipesNothingAndRefusesNothing) {
  for (const int day : {29, 5, 0}) write({number(ago(day), day)});
  roll_up();
  for (const bool is_first_look : {true, false}) {
    db::RetentionJob job({frames(30)});
    const auto work = [&](Time now) {
      for (int i = 0; i < 3; ++i) {
        const auto more = job.work(session_->retention(), *store_, session_->jobs(), now, never_);
        ASSERT_TRUE(more) << more.error().message;
      }
    };
    if (!is_first_look) work(now_);
    work(now_ + days(365));
    work(now_);
    work(now_ + kMinute * 10);
    EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), is_first_look ? "3" : "4");
    reopen();
    EXPECT_TRUE(try_to_write({number(now_ - kMinute * (is_first_look ? 1 : 2), 1)}).empty());
    EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), is_first_look ? "4" : "5");
  }
}

TEST_P(RetentionConformance, AWriterThatKnowsAWrongFloorLearnsThatItIsNone) {
  db::KnownFloor known;
  known.read(ago(-300), ago(0));
  known.read(ago(30), ago(0) + kMinute);
  EXPECT_EQ(known.time(), ago(30));
}

TEST_P(RetentionConformance, AfterALeapTheClockMustBeSteadyForAnHour) {
  write({number(ago(40), 1)});
  roll_up();
  Instant steady{};
  db::RetentionJob job({frames(30)}, [&] { return steady; });
  const auto go_on = [&](std::chrono::minutes many) {
    for (int minute = 0; minute < many.count(); ++minute, now_ += kMinute, steady += kMinute) {
      for (int i = 0; i < 5; ++i) {
        const auto more = job.work(session_->retention(), *store_, session_->jobs(), now_, never_);
        ASSERT_TRUE(more) << more.error().message;
      }
    }
  };
  ASSERT_TRUE(session_->retention().raise("metric_frames", ago(60), ago(2)));  // was off since
  go_on(std::chrono::minutes(30));
  now_ += std::chrono::hours(3);  // it is not steady yet
  go_on(std::chrono::minutes(59));
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "1");
  EXPECT_EQ((*session_->retention().floor("metric_frames"))->time, ago(60));
  go_on(std::chrono::minutes(5));
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "0");
}

TEST_P(RetentionConformance, AFloorThatIsAheadAndWasDroppedUpToIsAFailureWithWords) {
  write({number(ago(0), 1)});
  auto& retention = session_->retention();
  ASSERT_TRUE(retention.raise("metric_frames", ago(-300), now_));
  ASSERT_TRUE(retention.begin_drop("metric_frames"));
  db::RetentionJob job({frames(30)});
  const auto more = job.work(retention, *store_, session_->jobs(), now_, never_);
  ASSERT_FALSE(more);
  EXPECT_THAT(more.error().message, testing::HasSubstr("set the clock right"));
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "1");
}

TEST_P(RetentionConformance, WhatWasRaisedByAClockAheadWaitsAsAfterARaise) {
  write({number(ago(40), 1)});
  roll_up();
  auto& retention = session_->retention();
  const auto floor = today_ - days(30);
  ASSERT_TRUE(retention.raise("metric_frames", floor, now_ + std::chrono::seconds(30)));
  db::RetentionJob job({frames(30)});
  const auto work = [&] {
    for (int i = 0; i < 5; ++i) {
      const auto more = job.work(retention, *store_, session_->jobs(), now_, never_);
      ASSERT_TRUE(more) << more.error().message;
    }
  };
  work();
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "1");
  EXPECT_EQ((*retention.floor("metric_frames"))->raised_at, now_);
  now_ += db::kFloorIsKnownAfter;
  work();
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "0");
}

TEST_P(RetentionConformance, AKillAnywhereLeavesNoFloorBeyondTheDataAndAllRollups) {
  std::mt19937 random(5);
  for (int day = 45; day >= 25; --day) {
    write({number(ago(day), day), number(ago(day) + std::chrono::hours(3), day + 0.5)});
  }
  // Nothing goes before it is marked as gone.
  const auto expect_all_above = [this] {
    const auto floor = session_->retention().floor("metric_frames");
    ASSERT_TRUE(floor) << floor.error().message;
    const auto gone = *floor ? (*floor)->dropped_before.value_or(Time::min()) : Time::min();
    EXPECT_LE(gone, *floor ? (*floor)->time : Time::max());
    int wanted = 0;
    for (const auto& [name, numbers] : numbers_) {
      for (const auto& [time, value] : numbers) wanted += time >= gone ? 1 : 0;
    }
    const auto& sql = "SELECT count(*) FROM metric_frames";
    EXPECT_EQ(gone == Time::min() ? value(sql)
                                  : value(std::string(sql) + " WHERE time >= " + literal(gone)),
              std::to_string(wanted));
  };
  int kills = 0;
  for (const int keep : {40, 35, 30, 27}) {
    for (int i = 0; i < 15; ++i, now_ += kMinute) {
      int calls = static_cast<int>(random() % 12);
      FailingRetention failing(session_->retention(), calls);
      FailingStore rollups(*store_, static_cast<int>(random() % 12));
      db::RetentionJob job({frames(keep)});  // as after a restart
      kills += job.work(failing, rollups, session_->jobs(), now_, never_) ? 0 : 1;
      expect_all_above();
      (void)db::roll_up(*store_, now_, kGrace, 3, never_);
    }
    retain({frames(keep)});
    EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), std::to_string(2 * (keep - 25 + 1)));
  }
  EXPECT_GT(kills, 10);
  roll_up();
  expect_right();
}

// schema.md 2.4, 6.
TEST_P(RetentionConformance, AfterThirtyDaysOffNothingExpiredIsMadeAndOnlyTooLateIsRefused) {
  for (int day = 60; day > 30; --day) write({number(ago(day), day)});
  database_.reset();
  reopen();
  const auto maintenance = db::open_maintenance(config_, {frames(30)});
  ASSERT_TRUE(maintenance) << maintenance.error().message;
  for (int minute = 0; minute < 5; ++minute, now_ += kMinute) {
    for (auto more = (*maintenance)->work(now_, never_);;
         more = (*maintenance)->work(now_, never_)) {
      ASSERT_TRUE(more) << more.error().message;
      if (!*more) break;
    }
  }
  reopen();
  // The backlog of a month, and what goes on.
  std::vector<Record> backlog;
  for (int day = 45; day >= 0; --day) backlog.push_back(number(ago(day), -day));
  for (const auto& rejection : try_to_write(backlog)) {
    EXPECT_EQ(rejection.reason, "too_late");
    EXPECT_LT(rejection.index, 15u);
  }
  EXPECT_EQ(count_before("metric_frames", "time", today_ - days(30)), "0");
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "31");
  if (config_.type != "sqlite") {
    EXPECT_GE(partitions(), 8);
    EXPECT_LE(partitions(), 31 + 7 + 1) << "thirty days, a week ahead, and one for strays";
  }
}

// schema.md 2.4, 7: without the minute.
TEST_P(RetentionConformance, AReaderWithAnOpenTransactionBlocksNeitherWritersNorTheJob) {
  for (const int day : {40, 35, 5}) write({number(ago(day), day)});
  roll_up();
  auto reader = fixture_->begin_reading("SELECT * FROM metric_frames");
  retain({frames(30)});
  EXPECT_TRUE(try_to_write({number(ago(0), 1), number(ago(3), 1)}).empty());
  EXPECT_TRUE(try_to_write({number(ago(4), 1)}).empty());
  const auto jobs = db::read_jobs(config_);
  ASSERT_TRUE(jobs) << jobs.error().message;
  for (const auto& job : *jobs) EXPECT_NE(job.last_status, "failed");

  reader.reset();
  retain({frames(30)});
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "4");
  EXPECT_EQ(count_before("metric_frames", "time", today_ - days(30)), "0");
  expect_right();
}

TEST_P(RetentionConformance, TheAuditGoesAsWell) {
  for (const int day : {100, 2}) {
    CollectionAudit row;
    row.time = ago(day);
    row.operation_id = std::string(16, static_cast<char>(day));
    row.data_type = "disk";
    row.collection_method = "schedule";
    row.status = "success";
    ASSERT_TRUE(database_->audit().write(std::vector{row}));
    ServicePerformance performance;
    performance.instance_id = "nas";
    performance.service_name = "collection";
    performance.time = ago(day);
    ASSERT_TRUE(database_->audit().write(std::vector{performance}));
  }
  retain(db::aging_tables({}));
  EXPECT_EQ(value("SELECT count(*) FROM data_collection_audit"), "1");
  EXPECT_EQ(value("SELECT count(*) FROM service_performance_metrics"), "1");
}

// Whole partitions would take it along.
TEST_P(RetentionConformance, AConfigurationThatIsInForceStaysHoweverOldItIs) {
  const auto hash = bytes_literal(std::string(64, 'a'), false);
  const bool is_partitioned =
      config_.type == "postgresql" &&
      value("SELECT relkind = 'p' FROM pg_class WHERE relname = 'configuration_snapshots'") == "t";
  if (is_partitioned) {
    value("CREATE TABLE old_snapshots PARTITION OF configuration_snapshots FOR VALUES FROM (" +
          literal(ago(900)) + ") TO (" + literal(ago(500)) + ")");
    value("CREATE TABLE older_snapshots PARTITION OF configuration_snapshots FOR VALUES FROM (" +
          literal(ago(1200)) + ") TO (" + literal(ago(900)) + ")");
  }
  int id = 10;
  for (const int day : {1000, 800, 790, 780}) {
    const auto uuid = bytes_literal("000000000000000000000000000000" + std::to_string(id++), true);
    value(
        "INSERT INTO configuration_snapshots (id, time, device_id, config_type, file_path, "
        "path_hash, content_hash, change_type, collection_source) VALUES (" +
        uuid + ", " + literal(ago(day)) + ", 0, 'proxy', '/etc/x', " + hash + ", " + hash +
        ", 'modified', 'scan')");
    if (day != 790) continue;
    value("INSERT INTO devices (uid, hostname, created_at, updated_at) VALUES (" + uuid +
          ", 'nas', " + literal(ago(800)) + ", " + literal(ago(800)) + ")");
    value(
        "INSERT INTO configuration_current (device_id, path_hash, file_path, config_type, "
        "snapshot_id, snapshot_time) SELECT device_id, " +
        hash + ", '/etc/x', 'proxy', " + uuid + ", " + literal(ago(day)) + " FROM devices");
  }
  retain(db::aging_tables({}));
  EXPECT_EQ(value("SELECT count(*) FROM configuration_snapshots"), "1");
  EXPECT_EQ(value("SELECT count(*) FROM configuration_snapshots JOIN configuration_current "
                  "ON id = snapshot_id"),
            "1");
}

TEST_P(RetentionConformance, ASizeThatIsReachedBeforeTheTimeTakesTheOldestDays) {
  // Each day is larger than the smallest part of a table can be.
  const std::string text(600, 'x');
  if (config_.type == "mariadb") {
    // As if a host had been there on each of these days.
    const auto name = value(
        "SELECT partition_name FROM information_schema.partitions WHERE "
        "table_schema = DATABASE() AND table_name = 'metric_frames' AND "
        "partition_ordinal_position = 2");
    std::string parts;
    for (int day = 13; day >= 0; --day) {
      parts += (parts.empty() ? "PARTITION d" : ", PARTITION d") + std::to_string(day) +
               " VALUES LESS THAN (" + literal(today_ - days(day - 1)) + ")";
    }
    value("ALTER TABLE metric_frames REORGANIZE PARTITION " + name + " INTO (" + parts + ")");
  }
  for (int day = 12; day >= 1; --day) {
    std::vector<Record> batch;
    for (int minute = 0; minute < 300; ++minute) {
      batch.push_back(record("log", ago(day) + kMinute * minute,
                             {field("text", std::to_string(minute) + text)}));
    }
    write(batch);
  }
  auto table = frames(30);
  table.keep.bytes = std::uint64_t{1} << 20;  // of more than two
  if (config_.type == "mariadb") {
    // It sets a megabyte aside for a table that grows, and what it knows is from a while ago.
    value("ANALYZE TABLE metric_frames");
    table.keep.bytes = std::stoull(
        value("SELECT CAST(sum(data_length) / 2 AS SIGNED) FROM information_schema.partitions "
              "WHERE table_schema = DATABASE() AND table_name = 'metric_frames'"));
  }
  for (int i = 0; i < 5; ++i) retain({table});
  const auto left = std::stoi(value("SELECT count(*) FROM metric_frames"));
  EXPECT_LE(left, 7 * 300);
  EXPECT_GE(left, 2 * 300) << "more went than had to";
  EXPECT_EQ(count_before("metric_frames", "time", ago(11)), "0") << "the oldest first";
  EXPECT_EQ(left % 300, 0) << "whole days";
}

TEST_P(RetentionConformance, EachTableIsAJobWithWhatItDidLast) {
  write({number(ago(40), 1)});
  const auto aging = db::aging_tables({});
  auto maintenance = db::open_maintenance(config_, aging);
  ASSERT_TRUE(maintenance) << maintenance.error().message;
  for (int minute = 0; minute < 5; ++minute, now_ += kMinute) {
    while (*(*maintenance)->work(now_, never_)) continue;
  }
  const auto jobs = db::read_jobs(config_);
  ASSERT_TRUE(jobs) << jobs.error().message;
  std::set<std::string> targets;
  for (const auto& job : *jobs) {
    if (job.job != db::RetentionJob::kName) continue;
    targets.insert(job.target);
    EXPECT_EQ(job.last_status, "success") << job.last_error;
    EXPECT_EQ(job.total_runs, 1);
    EXPECT_GT(job.next_due, now_);
  }
  EXPECT_EQ(targets.size(), aging.size());
}

TEST_P(RetentionConformance, RowsOfADatasetGoAsItsDeclarationSaysAndAsItSaysLater) {
  const auto things = [](const std::string& retention) {
    return dataset(R"({"name": "things", "time": "seen", "identity": ["name"], "columns": [
        {"name": "name", "type": "str16", "nullable": false}])" +
                   retention + "}");
  };
  const auto kept = dataset(R"({"name": "kept", "columns": [{"name": "a", "type": "i64"}]})");
  const auto declare = [&](const DatasetSpec& spec) {
    const auto states = database_->catalog().declare_datasets(std::vector{spec});
    ASSERT_TRUE(states) << states.error().message;
    EXPECT_EQ(states->front().state, "applied") << states->front().problem;
  };
  auto maintenance = db::open_maintenance(config_, {});
  ASSERT_TRUE(maintenance) << maintenance.error().message;
  const auto work = [&] {
    for (int minute = 0; minute < 5; ++minute, now_ += kMinute) {
      for (int i = 0;; ++i) {
        const auto more = (*maintenance)->work(now_, never_);
        ASSERT_TRUE(more) << more.error().message;
        if (!*more) break;
        ASSERT_LT(i, 1000) << "there is no end to it";
      }
    }
  };
  const auto targets = [&] {
    std::set<std::string> found;
    const auto jobs = db::read_jobs(config_);
    EXPECT_TRUE(jobs) << jobs.error().message;
    for (const auto& job : *jobs) {
      if (job.job != db::RetentionJob::kName) continue;
      found.insert(job.target);
      EXPECT_EQ(job.last_status, "success") << job.last_error;
    }
    return found;
  };
  const auto spec = things(R"(, "retention": "30d")");
  declare(spec);
  declare(kept);
  std::vector<Record> batch;
  for (const int day : {40, 31, 29, 11, 9, 0}) {
    // More of each day than what goes at once.
    for (int i = 0; i < 1100; ++i) {
      batch.push_back(row_of(spec, 0, {{"name", std::to_string(i % 11)}}));
      batch.back().time = ago(day) + std::chrono::seconds(i);
    }
    batch.push_back(row_of(kept, 0, {{"a", std::int64_t{day}}}));
    batch.back().time = ago(day);
  }
  ASSERT_TRUE(try_to_write(batch).empty());

  work();
  EXPECT_EQ(value("SELECT count(*) FROM ds_things"), "4400");
  EXPECT_EQ(value("SELECT count(*) FROM ds_kept"), "6") << "it says nothing of retention";

  // Nothing is made of a dataset's rows, so one that comes late is taken, and goes with the next.
  auto late = row_of(spec, 0, {{"name", "late"}});
  late.time = ago(50);
  EXPECT_TRUE(try_to_write({late}).empty());
  declare(things(R"(, "retention": "10d")"));
  work();
  EXPECT_EQ(value("SELECT count(*) FROM ds_things"), "2200");
  EXPECT_EQ(value("SELECT count(*) FROM things WHERE name = 'late'"), "0");

  EXPECT_THAT(targets(), testing::ElementsAre("ds_things"));
  declare(things(""));
  // Not more than a day at once: a clock that leaps is not believed.
  for (int day = 0; day < 12; ++day, now_ += std::chrono::hours(23)) work();
  EXPECT_EQ(value("SELECT count(*) FROM ds_things"), "2200") << "it says so no longer";
  EXPECT_THAT(targets(), testing::IsEmpty()) << "what it did last is no longer of interest";
}

TEST_P(RetentionConformance, AFailureOfOneTableIsNotedAndHoldsUpNoOther) {
  write({number(ago(40), 1)});
  auto nowhere = frames(30);
  nowhere.table = "nowhere";
  db::RetentionJob job({nowhere, frames(30)});
  std::optional<Error> failure;
  for (int minute = 0; minute < 5; ++minute, now_ += kMinute) {
    for (int i = 0; i < 5; ++i) {
      const auto more = job.work(session_->retention(), *store_, session_->jobs(), now_, never_);
      if (!more) failure = more.error();
    }
  }
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->message, testing::HasSubstr("nowhere"));
  EXPECT_EQ(value("SELECT count(*) FROM metric_frames"), "0");
  const auto jobs = db::read_jobs(config_);
  ASSERT_TRUE(jobs);
  ASSERT_EQ(jobs->size(), 3u);  // and that old hours are marked
  EXPECT_EQ((*jobs)[0].target, "metric_frames");
  EXPECT_EQ((*jobs)[0].last_status, "success");
  EXPECT_EQ((*jobs)[1].target, "nowhere");
  EXPECT_EQ((*jobs)[1].last_status, "failed");
}

TEST_P(RetentionConformance, WhatFailsForGoodHoldsUpNothingAndNothingIsBegunAnew) {
  write({number(ago(1), 1)});  // there is something to roll up
  FailingStore rollups(*store_, 0);
  SlowRetention retention;
  bool lost = false;
  int opened = 0;
  const auto session = [&] {
    return std::make_unique<BorrowedSession>(*session_, rollups, retention, lost);
  };
  std::vector<db::AgingTable> tables(3, frames(30));
  tables[0].table = "nowhere";
  tables[1].table = "first";
  tables[2].table = "second";
  const auto maintenance = db::maintain(
      session(),
      [&]() -> Result<std::unique_ptr<db::MaintenanceSession>> {
        ++opened;
        lost = false;
        return std::unique_ptr<db::MaintenanceSession>(session());
      },
      tables);
  // As a host calls it; what failed is told once in a minute.
  const auto minute = [&] {
    for (int i = 0; i < 100; ++i) {
      const auto more = maintenance->work(now_, never_);
      if (more && *more) continue;
      EXPECT_FALSE(more);
      break;
    }
    now_ += kMinute;
  };
  for (int i = 0; i < 3; ++i) minute();
  EXPECT_THAT(retention.steps,
              testing::ElementsAre(testing::Pair("first", SlowRetention::kSteps),
                                   testing::Pair("second", SlowRetention::kSteps)));
  EXPECT_EQ(opened, 0) << "the session was not what was wrong";
  const auto looks = retention.looks;
  minute();
  lost = true;
  minute();
  minute();
  EXPECT_EQ(opened, 1);
  EXPECT_EQ(retention.looks, looks) << "they are due in an hour";
  const auto jobs = db::read_jobs(config_);
  ASSERT_TRUE(jobs) << jobs.error().message;
  for (const auto& job : *jobs) {
    const bool fails = job.target == "nowhere" || job.job == "rollup";
    EXPECT_EQ(job.last_status, fails ? "failed" : "success") << job.job << " " << job.target;
    EXPECT_LE(job.total_runs, fails ? 6 : 1) << job.job << " " << job.target;
  }
}

}  // namespace unity::test
