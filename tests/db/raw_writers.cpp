#include "db/raw_writers.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include <stdexcept>

#include "frames/source.hpp"
#include "mariadb/stored_frames.hpp"
#include "mariadb/transaction.hpp"
#include "postgres/staging.hpp"

namespace unity::test {
namespace {

class PostgresRaw : public RawWriter {
 public:
  explicit PostgresRaw(const db::DatabaseConfig& config)
      : handle_(PQconnectdb(
            fmt::format("host={} user=unity dbname={}", config.server.host, config.server.database)
                .c_str())) {}
  ~PostgresRaw() override { PQfinish(handle_); }
  PostgresRaw(const PostgresRaw&) = delete;
  PostgresRaw& operator=(const PostgresRaw&) = delete;

  void add_batch(const std::vector<RawFrame>& frames) override {
    db::postgres::CopyData rows;
    rows.clear();
    for (const auto& one : frames) {
      append_frame(rows, db::Source(one.source), one.time, one.frame);
    }
    batches_.emplace_back(rows.finish());
  }
  void write(std::size_t batch) override {
    PQclear(PQexec(handle_, "COPY metric_frames FROM STDIN (FORMAT binary)"));
    PQputCopyData(handle_, batches_[batch].data(), static_cast<int>(batches_[batch].size()));
    PQputCopyEnd(handle_, nullptr);
    while (PGresult* result = PQgetResult(handle_)) {
      const bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
      PQclear(result);
      if (!good) throw std::runtime_error(PQerrorMessage(handle_));
    }
  }

 private:
  PGconn* handle_;
  std::vector<std::string> batches_;
};

class MariadbRaw : public RawWriter {
 public:
  explicit MariadbRaw(const db::DatabaseConfig& config) {
    auto connection = db::mariadb::Connection::open(config.server);
    if (!connection) throw std::runtime_error(connection.error().message);
    connection_ = std::make_unique<db::mariadb::Connection>(std::move(*connection));
  }
  void add_batch(const std::vector<RawFrame>& frames) override {
    auto& rows = batches_.emplace_back();
    for (const auto& one : frames) {
      append_frame(rows, db::Source(one.source), one.time, one.frame);
    }
  }
  void write(std::size_t batch) override {
    auto transaction = db::mariadb::Transaction::begin(*connection_, "write");
    if (!transaction) throw std::runtime_error(transaction.error().message);
    auto done = insert_frames(*connection_, batches_[batch], "write");
    if (done) done = transaction->commit("write");
    if (!done) throw std::runtime_error(done.error().message);
  }

 private:
  std::unique_ptr<db::mariadb::Connection> connection_;
  std::vector<db::mariadb::BulkRows> batches_;
};

constexpr std::size_t kRowsAtOnce = 50;

class SqliteRaw : public RawWriter {
 public:
  explicit SqliteRaw(const db::DatabaseConfig& config) {
    sqlite3_open(config.path.c_str(), &handle_);
    execute("PRAGMA journal_mode = WAL");
    execute("PRAGMA synchronous = FULL");
    std::string sql = "INSERT INTO metric_frames (source_id, time, vals) VALUES (?, ?, ?)";
    prepare(sql, &one_);
    for (std::size_t i = 1; i < kRowsAtOnce; ++i) sql += ", (?, ?, ?)";
    prepare(sql, &many_);
  }
  ~SqliteRaw() override {
    sqlite3_finalize(one_);
    sqlite3_finalize(many_);
    sqlite3_close(handle_);
  }
  SqliteRaw(const SqliteRaw&) = delete;
  SqliteRaw& operator=(const SqliteRaw&) = delete;

  void add_batch(const std::vector<RawFrame>& frames) override {
    auto& rows = batches_.emplace_back();
    for (const auto& one : frames) {
      rows.push_back({one.source, one.time.time_since_epoch().count(), {}});
      append_vals(rows.back().vals, one.frame);
    }
  }
  void write(std::size_t batch) override {
    execute("BEGIN IMMEDIATE");
    const auto& rows = batches_[batch];
    std::size_t at = 0;
    for (; at + kRowsAtOnce <= rows.size(); at += kRowsAtOnce) insert(many_, rows, at, kRowsAtOnce);
    for (; at < rows.size(); ++at) insert(one_, rows, at, 1);
    execute("COMMIT");
  }

 private:
  struct Row {
    std::int64_t source;
    std::int64_t time;
    std::string vals;
  };

  void insert(sqlite3_stmt* statement, const std::vector<Row>& rows, std::size_t at,
              std::size_t count) {
    int parameter = 0;
    for (auto i = at; i < at + count; ++i) {
      sqlite3_bind_int64(statement, ++parameter, rows[i].source);
      sqlite3_bind_int64(statement, ++parameter, rows[i].time);
      sqlite3_bind_text(statement, ++parameter, rows[i].vals.data(),
                        static_cast<int>(rows[i].vals.size()), SQLITE_STATIC);
    }
    if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(handle_));
    sqlite3_reset(statement);
  }
  void execute(const char* sql) {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sqlite3_errmsg(handle_));
    }
  }
  void prepare(const std::string& sql, sqlite3_stmt** statement) {
    if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, statement, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sqlite3_errmsg(handle_));
    }
  }

  sqlite3* handle_ = nullptr;
  sqlite3_stmt* one_ = nullptr;
  sqlite3_stmt* many_ = nullptr;
  std::vector<std::vector<Row>> batches_;
};

}  // namespace

std::unique_ptr<RawWriter> make_postgres_raw(const db::DatabaseConfig& config) {
  return std::make_unique<PostgresRaw>(config);
}
std::unique_ptr<RawWriter> make_mariadb_raw(const db::DatabaseConfig& config) {
  return std::make_unique<MariadbRaw>(config);
}
std::unique_ptr<RawWriter> make_sqlite_raw(const db::DatabaseConfig& config) {
  return std::make_unique<SqliteRaw>(config);
}

}  // namespace unity::test
