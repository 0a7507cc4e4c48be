#include <fmt/format.h>
#include <mysql.h>

#include "db/documents_database.hpp"
#include "support/mariadb_server.hpp"

namespace unity::test {
namespace {

// As root: also for what only an administrator may ask.
class Session : public DocumentsClient {
 public:
  explicit Session(const db::DatabaseConfig& config) : handle_(mysql_init(nullptr)) {
    const auto& server = config.server;
    if (mysql_real_connect(handle_, nullptr, "root", nullptr, server.database.c_str(), 0,
                           (server.host + "/mysqld.sock").c_str(), 0) == nullptr) {
      throw std::runtime_error(mysql_error(handle_));
    }
  }
  ~Session() override { mysql_close(handle_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  std::size_t ask(const std::string& sql) override {
    if (mysql_real_query(handle_, sql.data(), sql.size()) != 0) {
      throw std::runtime_error(sql.substr(0, 200) + ": " + mysql_error(handle_));
    }
    MYSQL_RES* result = mysql_store_result(handle_);
    if (result == nullptr) return 0;
    const auto rows = static_cast<std::size_t>(mysql_num_rows(result));
    const auto* row = mysql_fetch_row(result);
    first_ = row != nullptr && row[0] != nullptr ? row[0] : "0";
    mysql_free_result(result);
    return rows;
  }
  double number(const std::string& sql) {
    ask(sql);
    return std::stod(first_);
  }

 private:
  MYSQL* handle_;
  std::string first_;
};

double bytes_of(Session& session, const std::string& database, const std::string& like) {
  return session.number(
      "SELECT coalesce(sum(file_size), 0) FROM information_schema.innodb_sys_tablespaces "
      "WHERE name LIKE '" +
      database + "/" + like + "'");
}

class MariadbDocuments : public DocumentsDatabase {
 public:
  explicit MariadbDocuments(db::DatabaseConfig config)
      : config_(std::move(config)), session_(config_) {
    session_.ask(
        "CREATE TABLE plugin_metrics (time DATETIME(6) NOT NULL, plugin_id VARCHAR(100) NOT NULL,"
        " metric_name VARCHAR(200) NOT NULL, value JSON NOT NULL, tags JSON,"
        " PRIMARY KEY (time, plugin_id, metric_name),"
        " KEY idx_metrics_plugin_time (plugin_id, time DESC), KEY idx_metrics_name (metric_name))"
        " ENGINE=InnoDB CHARACTER SET utf8mb4");
  }

  void insert(const std::vector<DocumentsRow>& rows) override {
    session_.ask("BEGIN");
    for (std::size_t at = 0; at < rows.size(); at += 1000) {
      std::string sql = "INSERT INTO plugin_metrics VALUES ";
      for (std::size_t i = at; i < std::min(at + 1000, rows.size()); ++i) {
        const auto& row = rows[i];
        sql += fmt::format("{}({}, '{}', '{}', '{}', '{}')", i > at ? "," : "",
                           time_literal(row.time), row.plugin, row.metric, row.value, row.tags);
      }
      session_.ask(sql);
    }
    session_.ask("COMMIT");
  }
  void settle() override { session_.ask("ANALYZE TABLE plugin_metrics"); }
  std::unique_ptr<DocumentsClient> connect() override { return std::make_unique<Session>(config_); }
  double bytes() override { return bytes_of(session_, config_.server.database, "%"); }
  std::string time_literal(Time time) const override {
    auto text = to_rfc3339(time);
    text.pop_back();
    return "'" + text + "'";
  }
  std::string number_of(const std::string& field) const override {
    return "JSON_VALUE(value, '$." + field + "')";
  }
  std::string text_of(const std::string& key) const override {
    return "JSON_VALUE(tags, '$." + key + "')";
  }
  std::string hour() const override { return "DATE_FORMAT(time, '%Y-%m-%d %H')"; }

 private:
  db::DatabaseConfig config_;
  Session session_;
};

class MariadbPair : public DatabasePair {
 public:
  MariadbPair() {
    auto& server = MariadbServer::shared();
    ours = server.make_database();
    Session session(ours);
    session.ask("SET GLOBAL innodb_flush_log_at_trx_commit = 1");
    session.ask("SET GLOBAL innodb_buffer_pool_size = 134217728");
    session.ask("SET GLOBAL max_connections = 200");
    documents = std::make_unique<MariadbDocuments>(server.make_database());
  }
  double our_bytes(const std::string& like) override {
    Session session(ours);
    return bytes_of(session, ours.server.database, like);
  }
  void settle() override {
    Session(ours).ask("ANALYZE TABLE metric_frames, metric_rollup_1h, metric_rollup_1d");
  }
};

}  // namespace

std::unique_ptr<DatabasePair> make_mariadb_pair() { return std::make_unique<MariadbPair>(); }

}  // namespace unity::test
