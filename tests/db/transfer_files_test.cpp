// What happens to exports on their way: damage, cuts, other versions.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "db/transfer_content.hpp"
#include "sqlite/connection.hpp"
#include "support/temp_dir.hpp"
#include "transfer/manifest.hpp"

namespace unity::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

class TransferFiles : public testing::Test {
 protected:
  TransferFiles() {
    config_.path = folder_ / "source.db";
    upgrade(config_);
    fill_every_table(config_, 2);
  }

  fs::path exported(const std::string& format) {
    const auto path = folder_ / ("export-" + format);
    const auto done = db::export_database(config_, to_export(path, format), {});
    EXPECT_TRUE(done) << done.error().message;
    return path;
  }

  // Into a database that is not there, and must not be there afterwards.
  std::string refusal(const fs::path& path) {
    db::DatabaseConfig target;
    target.path = folder_ / "target.db";
    const auto done = db::import_database(target, to_import(path), {});
    EXPECT_FALSE(fs::exists(target.path)) << path;
    if (done) return "imported";
    EXPECT_EQ(done.error().code, Errc::refused) << done.error().message;
    return done.error().message;
  }

  // Changes each of many bytes of `file`, one at a time, and puts it back.
  template <class Expect>
  void flip_bytes(const fs::path& file, const fs::path& path, Expect expect) {
    const auto whole = read(file);
    const auto step = std::max<std::size_t>(1, whole.size() / 60);
    for (std::size_t at = 0; at < whole.size(); at += step) {
      auto damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 1);
      write(file, damaged);
      expect(refusal(path), at);
    }
    write(file, whole);
  }

  TempDir folder_;
  db::DatabaseConfig config_;
};

TEST_F(TransferFiles, AByteThatChangedIsFoundAndItsTableIsNamed) {
  for (const auto* format : {"jsonl", "csv"}) {
    const auto path = exported(format);
    for (const auto& table : {"devices", "metric_frames", "config_blobs", "alert_rules"}) {
      const auto name = std::string(table) + "." + format;
      flip_bytes(path / name, path, [&](const std::string& said, std::size_t at) {
        EXPECT_THAT(said, AllOf(HasSubstr("damaged"), HasSubstr(std::string("table ") + table)))
            << name << " at " << at;
      });
    }
    flip_bytes(path / "manifest.json", path, [&](const std::string& said, std::size_t at) {
      EXPECT_THAT(said, AnyOf(HasSubstr("damaged"), HasSubstr("newer"))) << "manifest at " << at;
    });
  }
}

TEST_F(TransferFiles, AByteThatChangedInADocumentIsFound) {
  const auto path = exported("json");
  flip_bytes(path, path, [&](const std::string& said, std::size_t at) {
    EXPECT_THAT(said, AnyOf(HasSubstr("damaged: table "), HasSubstr("manifest"),
                            HasSubstr("newer version")))
        << at;
  });
}

TEST_F(TransferFiles, AValueThatChangedInAnSqliteExportIsFoundAndItsTableIsNamed) {
  const auto path = exported("sqlite");
  auto connection = db::Connection::open(path, db::OpenMode::read_write);
  ASSERT_TRUE(
      connection->execute("UPDATE devices SET hostname = 'other' WHERE device_id = 2; "
                          "PRAGMA journal_mode = DELETE",
                          "test"));

  EXPECT_THAT(refusal(path), AllOf(HasSubstr("damaged"), HasSubstr("table devices")));
}

TEST_F(TransferFiles, AnExportThatWasCutIsRefused) {
  for (const auto* format : {"jsonl", "csv"}) {
    const auto path = exported(format);
    const auto file = path / (std::string("devices.") + format);
    const auto whole = read(file);
    for (const auto size : {std::size_t{0}, std::size_t{1}, whole.size() / 2, whole.size() - 1}) {
      write(file, whole.substr(0, size));
      EXPECT_THAT(refusal(path), AllOf(HasSubstr("damaged"), HasSubstr("table devices")))
          << format << " " << size;
    }
    // At the end of a line, where each line is whole.
    write(file, whole.substr(0, whole.rfind('\n', whole.size() - 2) + 1));
    EXPECT_THAT(refusal(path), HasSubstr("table devices"));
    fs::remove(file);
    EXPECT_THAT(refusal(path), AllOf(HasSubstr("table devices"), HasSubstr("No such file")));
  }
  const auto document = exported("json");
  const auto whole = read(document);
  write(document, whole.substr(0, whole.size() / 2));
  EXPECT_THAT(refusal(document), HasSubstr("was cut"));
}

TEST_F(TransferFiles, WhatIsNoExportIsRefused) {
  const auto folder = folder_ / "folder";
  fs::create_directory(folder);
  EXPECT_THAT(refusal(folder), HasSubstr("manifest.json"));
  write(folder_ / "text", "hello\n");
  EXPECT_THAT(refusal(folder_ / "text"), HasSubstr("no export"));
  EXPECT_THAT(refusal(config_.path), HasSubstr("unity_export"));
  const auto missing = db::import_database(config_, to_import(folder_ / "nothing"), {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
}

TEST_F(TransferFiles, AnExportReplacesNothingAndLeavesNothingHalf) {
  for (const auto& format : db::export_formats()) {
    const auto path = exported(format);
    const auto again = db::export_database(config_, to_export(path, format), {});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Errc::refused);
    EXPECT_THAT(again.error().message, HasSubstr("of that name"));
    // What others call so stays theirs.
    const auto other = folder_ / ("other-" + format);
    const auto theirs = other.string() + ".partial";
    write(theirs, "half");
    EXPECT_TRUE(db::export_database(config_, to_export(other, format), {})) << format;
    EXPECT_EQ(read(theirs), "half");
    EXPECT_TRUE(fs::exists(other));
    const auto of_other = [&](const auto& one) {
      return one.path().filename().string().starts_with(other.filename().string());
    };
    EXPECT_EQ(std::count_if(fs::directory_iterator(other.parent_path()), {}, of_other), 2)
        << format;
    const auto others = fs::is_directory(other) ? fs::status(other / "manifest.json").permissions()
                                                : fs::status(other).permissions();
    EXPECT_EQ(others & fs::perms::others_all, fs::perms::none) << format;
  }
}

TEST_F(TransferFiles, TwoExportsToOnePathLeaveOneThatIsWhole) {
  for (const auto& format : db::export_formats()) {
    const auto path = folder_ / ("twice-" + format);
    bool is_second = false;
    const auto first = db::export_database(
        config_, to_export(path, format), [&](const db::TransferProgress& progress) {
          if (!progress.table_done || std::exchange(is_second, true)) return;
          const auto second = db::export_database(config_, to_export(path, format), {});
          EXPECT_TRUE(second) << second.error().message;
        });
    ASSERT_TRUE(is_second);
    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().code, Errc::refused);
    db::DatabaseConfig target;
    target.path = folder_ / ("twice-" + format + ".db");
    const auto done = db::import_database(target, to_import(path), {});
    EXPECT_TRUE(done) << done.error().message;
  }
}

TEST_F(TransferFiles, RowsWhoseNumbersMeanNothingWithoutAnotherTableAreRefused) {
  const auto export_of = [&](const std::vector<std::string>& tables) {
    auto options = to_export(folder_ / ("some-" + tables.front()));
    options.tables = tables;
    const auto done = db::export_database(config_, options, {});
    EXPECT_TRUE(done) << done.error().message;
    return options.path;
  };
  const auto path = export_of({"metric_frames", "devices", "metric_sources"});
  EXPECT_THAT(read(path / "manifest.json"), HasSubstr("\"left_out\""));
  EXPECT_THAT(refusal(path), AllOf(HasSubstr("rows of metric_frames"), HasSubstr("metric_series")));
  EXPECT_THAT(refusal(export_of({"metric_rollup_1h"})), HasSubstr("metric_series"));
  EXPECT_THAT(refusal(export_of({"data_collection_audit"})), HasSubstr("devices"));

  const auto whole =
      export_of({"metric_series", "devices", "plugins", "metric_sources", "metric_frames"});
  db::DatabaseConfig target;
  target.path = folder_ / "target.db";
  const auto done = db::import_database(target, to_import(whole), {});
  EXPECT_TRUE(done) << done.error().message;
}

TEST_F(TransferFiles, TheHashOfATableIsThatOfItsLines) {
  const auto path = exported("jsonl");
  const auto manifest = db::transfer::parse_manifest(
      read(path / "manifest.json").erase(read(path / "manifest.json").size() - 1), true, "test");
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->tables.at("devices").sha256, to_hex(sha256(read(path / "devices.jsonl"))));
  EXPECT_EQ(manifest->tables.at("devices").rows, 2);
  EXPECT_EQ(to_rfc3339(*manifest->tables.at("metric_frames").min_time),
            to_rfc3339(at(kMicros + 3'600'000'001)));
}

TEST_F(TransferFiles, TheTableOfADatasetTakesAlongWhatSaysWhatItIs) {
  for (const auto* format : {"jsonl", "sqlite"}) {
    auto options = to_export(folder_ / (std::string("one.") + format), format);
    options.tables = {"ds_things_1"};
    const auto done = db::export_database(config_, options, {});
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_EQ(done->tables.size(), 3u);
    EXPECT_EQ(done->tables[0].name, "devices");
    EXPECT_EQ(done->tables[1].name, "datasets");
    EXPECT_EQ(done->tables[2].rows, 2u);
    db::DatabaseConfig target;
    target.path = folder_ / (std::string("of_one.") + format);
    const auto imported = db::import_database(target, to_import(options.path), {});
    ASSERT_TRUE(imported) << imported.error().message;
    EXPECT_EQ(hashes(*imported), hashes(*done));
    const auto again = db::import_database(target, to_import(options.path), {});
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->tables[2].rows_before, 2u) << "it is there already";
  }
}

TEST_F(TransferFiles, AnExportOfAnOlderSchemaIsTakenAndOneOfANewerIsNot) {
  const auto path = exported("jsonl");
  const auto text = read(path / "manifest.json");
  auto manifest =
      db::transfer::parse_manifest(std::string_view(text).substr(0, text.size() - 1), true, "test");
  ASSERT_TRUE(manifest);
  const auto rewrite = [&](int schema) {
    auto other = *manifest;
    other.schema = schema;
    std::erase_if(other.tables, [schema](const auto& table) {
      const auto known = db::transfer::transfer_tables(std::min(schema, db::schema_head()));
      return db::transfer::find_table(known, table.first) == nullptr;
    });
    write(path / "manifest.json", db::transfer::to_text(other, true) + "\n");
  };

  rewrite(db::schema_head() + 1);
  EXPECT_THAT(refusal(path), AllOf(HasSubstr("knows only up to"), HasSubstr("newer")));

  rewrite(2);
  db::DatabaseConfig target;
  target.path = folder_ / "older.db";
  const auto done = db::import_database(target, to_import(path), {});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->tables.size(), 6);
  EXPECT_EQ(db::schema_state(target)->current, db::schema_head());
}

}  // namespace
}  // namespace unity::test
