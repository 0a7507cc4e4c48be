#include <fmt/format.h>
#include <libpq-fe.h>

#include <set>

#include "db/documents_database.hpp"
#include "support/postgres_server.hpp"

namespace unity::test {
namespace {

class Session : public DocumentsClient {
 public:
  explicit Session(const db::DatabaseConfig& config)
      : handle_(PQconnectdb(
            fmt::format("host={} user=unity dbname={}", config.server.host, config.server.database)
                .c_str())) {
    ask("SET TimeZone = 'UTC'");
  }
  ~Session() override { PQfinish(handle_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  std::size_t ask(const std::string& sql) override {
    PGresult* result = PQexec(handle_, sql.c_str());
    const auto status = PQresultStatus(result);
    const auto rows = static_cast<std::size_t>(PQntuples(result));
    first_ = rows > 0 ? PQgetvalue(result, 0, 0) : "";
    PQclear(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_COPY_IN) {
      return rows;
    }
    throw std::runtime_error(sql + ": " + PQerrorMessage(handle_));
  }
  double number(const std::string& sql) {
    ask(sql);
    return std::stod(first_);
  }
  void copy(const std::string& sql, const std::string& data) {
    ask(sql);
    PQputCopyData(handle_, data.data(), static_cast<int>(data.size()));
    PQputCopyEnd(handle_, nullptr);
    while (PGresult* result = PQgetResult(handle_)) {
      const bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
      PQclear(result);
      if (!good) throw std::runtime_error(PQerrorMessage(handle_));
    }
  }

 private:
  PGconn* handle_;
  std::string first_;
};

class PostgresDocuments : public DocumentsDatabase {
 public:
  explicit PostgresDocuments(db::DatabaseConfig config)
      : config_(std::move(config)), session_(config_) {
    session_.ask(
        "CREATE TABLE plugins (plugin_id VARCHAR(100) PRIMARY KEY);"
        "CREATE TABLE plugin_metrics (time TIMESTAMPTZ NOT NULL, plugin_id VARCHAR(100) NOT NULL,"
        " metric_name VARCHAR(200) NOT NULL, value JSONB NOT NULL, tags JSONB,"
        " PRIMARY KEY (time, plugin_id, metric_name),"
        " FOREIGN KEY (plugin_id) REFERENCES plugins(plugin_id));"
        "CREATE INDEX idx_metrics_plugin_time ON plugin_metrics (plugin_id, time DESC);"
        "CREATE INDEX idx_metrics_name ON plugin_metrics (metric_name);"
        "CREATE INDEX idx_metrics_tags ON plugin_metrics USING GIN (tags)");
  }

  void insert(const std::vector<DocumentsRow>& rows) override {
    std::string data;
    for (const auto& row : rows) {
      if (plugins_.insert(row.plugin).second) {
        session_.ask("INSERT INTO plugins VALUES ('" + row.plugin + "')");
      }
      data += fmt::format("{}\t{}\t{}\t{}\t{}\n", to_rfc3339(row.time), row.plugin, row.metric,
                          row.value, row.tags);
    }
    session_.copy("COPY plugin_metrics FROM STDIN", data);
  }
  void settle() override { session_.ask("VACUUM ANALYZE plugin_metrics"); }
  std::unique_ptr<DocumentsClient> connect() override { return std::make_unique<Session>(config_); }
  double bytes() override {
    return session_.number("SELECT pg_total_relation_size('plugin_metrics')");
  }
  std::string time_literal(Time time) const override { return "'" + to_rfc3339(time) + "'"; }
  std::string number_of(const std::string& field) const override {
    return "(value->>'" + field + "')::float8";
  }
  std::string text_of(const std::string& key) const override { return "tags->>'" + key + "'"; }
  std::string hour() const override { return "date_trunc('hour', time)"; }

 private:
  db::DatabaseConfig config_;
  Session session_;
  std::set<std::string> plugins_;
};

class PostgresPair : public DatabasePair {
 public:
  PostgresPair() {
    auto& server = PostgresServer::shared();
    ours = server.make_database();
    {
      Session session(ours);
      session.ask("ALTER SYSTEM SET shared_buffers = '128MB'");
      session.ask("ALTER SYSTEM SET max_connections = 120");
    }
    server.kill();
    server.start();
    documents = std::make_unique<PostgresDocuments>(server.make_database());
  }
  double our_bytes(const std::string& like) override {
    return Session(ours).number(
        "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace = 'public'::regnamespace AND relname LIKE '" +
        like + "'");
  }
  void settle() override { Session(ours).ask("VACUUM ANALYZE"); }
};

}  // namespace

std::unique_ptr<DatabasePair> make_postgres_pair() { return std::make_unique<PostgresPair>(); }

}  // namespace unity::test
