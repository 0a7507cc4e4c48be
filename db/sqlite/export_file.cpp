// An export as an SQLite file: the tables of a host's, and unity_export with the manifest.
#include "sqlite/export_file.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "sqlite/connection.hpp"
#include "sqlite/transfer.hpp"
#include "transfer/batch_writer.hpp"
#include "transfer/dataset_tables.hpp"
#include "transfer/draft.hpp"
#include "transfer/export_reader.hpp"
#include "transfer/export_writer.hpp"
#include "transfer/file.hpp"
#include "unity/db/schema.hpp"

namespace unity::db {

Result<void> close_export_file(const std::filesystem::path& path, const std::string& manifest) {
  constexpr std::string_view kDoing = "finish the export";
  auto connection = Connection::open(path, OpenMode::read_write);
  if (!connection) return std::move(connection).error();
  auto made = connection->execute(
      "CREATE TABLE unity_export (manifest TEXT NOT NULL CHECK (json_valid(manifest))) STRICT",
      kDoing);
  if (!made) return made;
  auto insert = connection->prepare("INSERT INTO unity_export (manifest) VALUES (?)", kDoing);
  if (!insert) return std::move(insert).error();
  if (auto done = connection->run(insert->bind(manifest), kDoing); !done) return done;
  // All in one file, which can be read where nothing can be written.
  return connection->execute("PRAGMA journal_mode = DELETE", kDoing);
}

Result<std::string> check_export_file(const std::filesystem::path& path) {
  constexpr std::string_view kDoing = "read the export";
  auto connection = Connection::open(path, OpenMode::read_only);
  if (!connection) return std::move(connection).error();
  auto check = connection->prepare("PRAGMA integrity_check(1)", kDoing);
  if (!check) return std::move(check).error();
  auto row = connection->next(*check, kDoing);
  if (!row) return std::move(row).error();
  if (*row && check->text(0) != "ok") {
    return Error{Errc::refused,
                 fmt::format("the export {} is damaged: {}", path.string(), check->text(0))};
  }
  auto manifest = connection->prepare("SELECT manifest FROM unity_export", kDoing);
  if (manifest) row = connection->next(*manifest, kDoing);
  if (!manifest || !row || !*row) {
    return Error{Errc::refused,
                 fmt::format("cannot read the export {}: it has no table unity_export, so it is a "
                             "database and no export; make one with `unity export`",
                             path.string())};
  }
  return std::string(manifest->text(0));
}

namespace transfer {
namespace {

class SqliteWriter final : public ExportWriter {
 public:
  SqliteWriter(Draft draft, std::unique_ptr<TransferSession> session)
      : draft_(std::move(draft)), session_(std::move(session)) {}

  Result<void> begin_table(const TransferTable& table) override {
    if (is_dataset(table) && !std::exchange(has_dataset_tables_, true)) {
      DatabaseConfig config;
      config.path = draft_file(draft_);
      if (auto made = make_dataset_tables(config); !made) return made;
    }
    batch_.emplace(*session_, table);
    return {};
  }
  Result<void> add(const Row& row, std::string_view) override { return batch_->add(row); }
  Result<void> end_table() override { return batch_->flush(); }

  Result<void> finish(const Manifest& manifest) override {
    session_.reset();
    const auto file = draft_file(draft_);
    if (auto done = close_export_file(file, to_text(manifest, false)); !done) return done;
    if (auto done = sync_to_disk(file); !done) return done;
    return draft_.publish_file(file.filename());
  }

  static std::filesystem::path draft_file(const Draft& draft) { return draft.path() / "unity.db"; }

 private:
  Draft draft_;  // first: the file is in it
  std::unique_ptr<TransferSession> session_;
  std::optional<BatchWriter> batch_;
  bool has_dataset_tables_ = false;
};

class SqliteReader final : public ExportReader {
 public:
  SqliteReader(std::filesystem::path path, std::unique_ptr<TransferSession> session,
               Manifest manifest)
      : path_(std::move(path)), session_(std::move(session)) {
    manifest_ = std::move(manifest);
  }

  Result<void> read(const TransferTable& table, const TakeRow& take) override {
    bool is_ours = true;  // the failure, if there is one
    auto read = session_->read({table, {}}, [&](const Row& row) {
      auto taken = take(row);
      is_ours = taken.has_value();
      return taken;
    });
    if (read || !is_ours || read.error().code == Errc::unavailable) return read;
    return damaged_table(path_, table.table.name, read.error().message);
  }

 private:
  std::filesystem::path path_;
  std::unique_ptr<TransferSession> session_;
};

}  // namespace

Result<std::unique_ptr<ExportWriter>> make_sqlite_writer(const std::filesystem::path& path,
                                                         std::string_view app_version) {
  auto draft = Draft::begin(path);
  if (!draft) return std::move(draft).error();
  DatabaseConfig config;
  config.path = SqliteWriter::draft_file(*draft);
  // An empty file is a database without tables, and has the mode of all exports.
  auto file = OutputFile::create(config.path);
  if (!file) return std::move(file).error();
  if (auto made = file->finish(); !made) return std::move(made).error();
  if (auto made = upgrade_schema(config, app_version); !made) return std::move(made).error();
  auto session = open_sqlite_transfer(config, Access::write);
  if (!session) return std::move(session).error();
  return std::unique_ptr<ExportWriter>(
      std::make_unique<SqliteWriter>(std::move(*draft), std::move(*session)));
}

Result<std::unique_ptr<ExportReader>> open_sqlite_export(const std::filesystem::path& path) {
  const auto text = check_export_file(path);
  if (!text) return text.error();
  auto manifest = parse_manifest(*text, false, path.string());
  if (!manifest) return std::move(manifest).error();
  DatabaseConfig config;
  config.path = path;
  auto session = open_sqlite_transfer(config, Access::read);
  if (!session) return std::move(session).error();
  return std::unique_ptr<ExportReader>(
      std::make_unique<SqliteReader>(path, std::move(*session), std::move(*manifest)));
}

}  // namespace transfer
}  // namespace unity::db
