#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>

#include "db/documents_database.hpp"
#include "support/temp_dir.hpp"

namespace unity::test {
namespace {

class File : public DocumentsClient {
 public:
  explicit File(const std::filesystem::path& path) {
    if (sqlite3_open(path.c_str(), &handle_) != SQLITE_OK) throw std::runtime_error("cannot open");
    ask("PRAGMA journal_mode = WAL");
    ask("PRAGMA synchronous = FULL");
  }
  ~File() override { sqlite3_close(handle_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  std::size_t ask(const std::string& sql) override {
    std::size_t rows = 0;
    for (const char* rest = sql.c_str(); *rest != '\0';) {
      sqlite3_stmt* statement = nullptr;
      if (sqlite3_prepare_v2(handle_, rest, -1, &statement, &rest) != SQLITE_OK) fail(sql);
      int result = SQLITE_DONE;
      while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); ++i) sqlite3_column_text(statement, i);
        ++rows;
      }
      sqlite3_finalize(statement);
      if (result != SQLITE_DONE) fail(sql);
    }
    return rows;
  }
  sqlite3* handle() { return handle_; }

 private:
  void fail(const std::string& sql) {
    throw std::runtime_error(sql + ": " + sqlite3_errmsg(handle_));
  }
  sqlite3* handle_ = nullptr;
};

class SqliteDocuments : public DocumentsDatabase {
 public:
  explicit SqliteDocuments(std::filesystem::path path) : path_(std::move(path)), file_(path_) {
    file_.ask(
        "CREATE TABLE plugin_metrics (time INTEGER NOT NULL, plugin_id TEXT NOT NULL,"
        " metric_name TEXT NOT NULL, value TEXT NOT NULL, tags TEXT,"
        " PRIMARY KEY (time, plugin_id, metric_name));"
        "CREATE INDEX idx_metrics_plugin_time ON plugin_metrics (plugin_id, time DESC);"
        "CREATE INDEX idx_metrics_name ON plugin_metrics (metric_name);");
  }
  void insert(const std::vector<DocumentsRow>& rows) override {
    file_.ask("BEGIN");
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(file_.handle(), "INSERT INTO plugin_metrics VALUES (?, ?, ?, ?, ?)", -1,
                       &statement, nullptr);
    for (const auto& row : rows) {
      sqlite3_bind_int64(statement, 1, row.time.time_since_epoch().count());
      int column = 1;
      for (const auto* text : {&row.plugin, &row.metric, &row.value, &row.tags}) {
        sqlite3_bind_text(statement, ++column, text->data(), static_cast<int>(text->size()),
                          SQLITE_STATIC);
      }
      if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error("cannot insert");
      sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    file_.ask("COMMIT");
  }
  void settle() override { file_.ask("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)"); }
  std::unique_ptr<DocumentsClient> connect() override { return std::make_unique<File>(path_); }
  double bytes() override { return static_cast<double>(std::filesystem::file_size(path_)); }
  std::string time_literal(Time time) const override {
    return std::to_string(time.time_since_epoch().count());
  }
  std::string number_of(const std::string& field) const override {
    return "(value ->> '$." + field + "')";
  }
  std::string text_of(const std::string& key) const override { return "tags ->> '$." + key + "'"; }
  std::string hour() const override { return "time / 3600000000"; }

 private:
  std::filesystem::path path_;
  File file_;
};

class SqlitePair : public DatabasePair {
 public:
  SqlitePair() {
    ours = {"sqlite", folder_ / "unity.db"};
    documents = std::make_unique<SqliteDocuments>(folder_ / "documents.db");
  }
  // The file is one: of the tables, what dbstat says is not compiled in everywhere.
  double our_bytes(const std::string&) override {
    return static_cast<double>(std::filesystem::file_size(ours.path));
  }
  void settle() override { File(ours.path).ask("PRAGMA wal_checkpoint(TRUNCATE)"); }

 private:
  TempDir folder_;
};

}  // namespace

std::unique_ptr<DatabasePair> make_sqlite_pair() { return std::make_unique<SqlitePair>(); }

}  // namespace unity::test
