// What every database promises to those who read from it and write to it.
#include <gmock/gmock.h>

#include "base/day.hpp"
#include "db/mariadb_database.hpp"
#include "db/transfer_content.hpp"
#include "db/transfer_sides.hpp"

namespace unity::test {
namespace {

using testing::HasSubstr;

class TransferSides : public testing::TestWithParam<std::string> {
 protected:
  db::DatabaseConfig make() { return make_side(GetParam(), folder_); }

  // An export with many frames.
  std::filesystem::path large_export(int frames) {
    const auto path = folder_ / "large";
    db::DatabaseConfig config;
    config.path = folder_ / "large.db";
    upgrade(config);
    std::vector<Record> records;
    for (int i = 0; i < frames; ++i) {
      records.push_back(record("load", at_second(1'772'000'000 + i), {field("one", i * 0.5)}));
    }
    write_records(config, records);
    const auto done = db::export_database(config, to_export(path), {});
    EXPECT_TRUE(done) << done.error().message;
    exported_ = hashes(*done);
    return path;
  }

  Hashes hashes_in(const db::DatabaseConfig& config) {
    const auto path = folder_ / ("again" + std::to_string(++exports_));
    const auto done = db::export_database(config, to_export(path), {});
    EXPECT_TRUE(done) << done.error().message;
    return hashes(*done);
  }

  TempDir folder_;
  Hashes exported_;
  int exports_ = 0;
};

TEST_P(TransferSides, ReadOneMomentWhileAHostWrites) {
  const auto config = make();
  fill(config);
  const auto before = db::export_database(config, to_export(folder_ / "a"), {});
  ASSERT_TRUE(before) << before.error().message;
  bool written = false;

  const auto during = db::export_database(
      config, to_export(folder_ / "b"), [&](const db::TransferProgress& progress) {
        if (std::exchange(written, true)) return;
        EXPECT_EQ(progress.table, "devices");  // the frames come later
        write_records(config, {record("meanwhile", at(kMicros), {field("x", 1)})});
      });

  ASSERT_TRUE(during) << during.error().message;
  EXPECT_TRUE(written);
  EXPECT_EQ(hashes(*before), hashes(*during));
  EXPECT_NE(hashes_in(config), hashes(*before));
}

TEST_P(TransferSides, GoOnWithAnImportThatWasCutOff) {
  const auto path = large_export(12'000);
  const auto config = make();
  // Given up in the middle, with what was written so far.
  struct CutOff {};
  EXPECT_THROW(
      (void)db::import_database(config, to_import(path),
                                [](const db::TransferProgress& progress) {
                                  if (progress.doing == "importing" && progress.rows > 11'000) {
                                    throw CutOff();
                                  }
                                }),
      CutOff);

  const auto done = db::import_database(config, to_import(path), {});

  ASSERT_TRUE(done) << done.error().message;
  const auto frames = std::find_if(done->tables.begin(), done->tables.end(),
                                   [](const auto& one) { return one.name == "metric_frames"; });
  EXPECT_GT(frames->rows_before, 0);
  EXPECT_LT(frames->rows_before, frames->rows);
  EXPECT_EQ(hashes_in(config), exported_);
}

TEST_P(TransferSides, TakeTheSameImportTwiceAndChangeNothing) {
  const auto path = large_export(10);
  const auto config = make();
  ASSERT_TRUE(db::import_database(config, to_import(path), {}));

  const auto again = db::import_database(config, to_import(path), {});

  ASSERT_TRUE(again) << again.error().message;
  for (const auto& table : again->tables) EXPECT_EQ(table.rows_before, table.rows) << table.name;
  EXPECT_EQ(hashes_in(config), exported_);
}

TEST_P(TransferSides, RefuseAnImportBesideRowsOfTheirOwn) {
  const auto path = large_export(10);
  const auto config = make();
  upgrade(config);
  auto stranger = record("load", at_second(1), {field("one", 1.0)});
  write_records(config, {stranger});
  const auto before = hashes_in(config);

  const auto refused = db::import_database(config, to_import(path), {});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::refused);
  EXPECT_THAT(refused.error().message, HasSubstr("devices (1 rows)"));
  EXPECT_THAT(refused.error().message, HasSubstr("empty database"));
  EXPECT_EQ(hashes_in(config), before);
}

TEST_P(TransferSides, RefuseAnOlderSchema) {
  const auto path = large_export(10);
  const auto config = make();
  ASSERT_TRUE(db::upgrade_schema(config, "test", 3));

  const auto refused = db::import_database(config, to_import(path), {});
  const auto not_exported = db::export_database(config, to_export(folder_ / "x"), {});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::refused);
  EXPECT_THAT(refused.error().message, HasSubstr("unity db upgrade"));
  ASSERT_FALSE(not_exported);
  EXPECT_THAT(not_exported.error().message, HasSubstr("unity db upgrade"));
}

TEST_P(TransferSides, SayWhatAVerificationFinds) {
  const auto path = large_export(10);
  const auto config = make();
  bool written = false;

  const auto done =
      db::import_database(config, to_import(path), [&](const db::TransferProgress& progress) {
        if (progress.doing != "importing" || progress.table != "rollup_dirty") return;
        if (std::exchange(written, true)) return;
        write_records(config, {record("load", at_second(1), {field("one", 2.0)})});
      });

  ASSERT_TRUE(done) << done.error().message;
  std::vector<std::string> differing;
  for (const auto& table : done->tables) {
    if (table.differs) differing.push_back(table.name);
  }
  EXPECT_THAT(differing, testing::Contains("metric_frames"));
}

TEST_P(TransferSides, SayThatSomebodyElseWrites) {
  const auto path = large_export(10);
  const auto config = make();
  bool written = false;

  const auto done =
      db::import_database(config, to_import(path), [&](const db::TransferProgress& progress) {
        if (progress.doing != "importing" || std::exchange(written, true)) return;
        write_records(config, {record("load", at_second(1), {field("one", 2.0)})});
      });

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::refused) << done.error().message;
  EXPECT_THAT(done.error().message, HasSubstr("another import"));
}

TEST_P(TransferSides, LeaveOutWhatIsOlder) {
  const auto config = make();
  fill(config);
  auto options = to_export(folder_ / "a");
  options.since = at(kMicros + 1);
  options.tables = {"devices", "metric_sources", "metric_frames"};

  const auto done = db::export_database(config, options, {});

  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(done->tables.size(), 3);
  // 5 samples of every table, of which all are later; of the records the three last but `old`.
  EXPECT_EQ(done->tables[0].rows, 6);
  EXPECT_EQ(done->tables[2].name, "metric_frames");
  EXPECT_EQ(done->tables[2].rows, 5 + 3);
}

// Else retention could not let go of days one by one.
TEST(TransferToMariadb, GivesEachDayAPartitionOfItsOwn) {
  const TempDir folder;
  const auto from = make_side("sqlite", folder);
  const auto to = make_side("mariadb", folder);
  upgrade(from);
  const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  std::vector<Record> records;
  for (int days = 0; days <= 20; ++days) {
    records.push_back(record("load", Time(today - std::chrono::days(days)), {field("one", 1.0)}));
  }
  write_records(from, records);
  ASSERT_TRUE(db::export_database(from, to_export(folder / "a"), {}));

  const auto done = db::import_database(to, to_import(folder / "a"), {});

  ASSERT_TRUE(done) << done.error().message;
  MariadbInspector inspector(to);
  for (int days = 0; days <= 20; ++days) {
    const auto name = db::compact_date(today - std::chrono::days(days));
    EXPECT_EQ(inspector.value("SELECT count(*) FROM metric_frames PARTITION (p" + name + ")"), "1");
  }
}

INSTANTIATE_TEST_SUITE_P(All, TransferSides, testing::ValuesIn(kSides),
                         [](const auto& param_info) { return param_info.param; });

}  // namespace
}  // namespace unity::test
