#include "mariadb/schema_session.hpp"

#include <fmt/format.h>

#include "mariadb/dataset_registry.hpp"
#include "mariadb/history.hpp"
#include "mariadb/inspect.hpp"
#include "migrate/writer.hpp"

namespace unity::db::mariadb {
namespace {

constexpr Duration kStatementMax = std::chrono::hours(1);  // a migration may rewrite tables
constexpr Duration kTableWait = std::chrono::seconds(5);   // for a table that somebody uses
// A wait in the server, at most so long that it does not pass for a statement that hangs.
constexpr Duration kPoll = std::chrono::seconds(1);

// Held until the session ends.
Result<void> take_lock(Connection& connection, Duration wait_max, std::string_view doing) {
  const auto end = std::chrono::steady_clock::now() + wait_max;
  while (true) {
    const auto left = std::max(Duration::zero(), end - std::chrono::steady_clock::now());
    const auto wait = std::chrono::duration<double>(std::min(left, kPoll)).count();
    auto taken = connection.query("SELECT GET_LOCK(CONCAT('unity.schema:', DATABASE()), ?)",
                                  Parameters(wait), doing);
    if (!taken) return std::move(taken).error();
    if (taken->integer(0, 0) == 1) return {};
    if (left == Duration::zero()) {
      return Error{Errc::unavailable,
                   fmt::format("cannot {} {}: another process has been at it for more than {}",
                               doing, connection.place(), unity::to_text(wait_max))};
    }
  }
}

class MariadbSchemaSession final : public SchemaSession {
 public:
  MariadbSchemaSession(Connection connection, Duration lock_wait_max)
      : connection_(std::move(connection)), lock_wait_max_(lock_wait_max) {}

  Dialect dialect() const override { return Dialect::mariadb; }
  std::string place() const override { return connection_.place(); }
  bool is_atomic() const override { return false; }

  Result<History> history() override { return read_history(connection_); }
  Result<schema::Catalog> inspect() override { return mariadb::inspect(connection_); }
  Result<schema::Catalog> expect(const schema::Schema& schema) override {
    return expected_catalog(schema);
  }

  Result<void> begin(std::string_view doing) override {
    if (auto taken = take_lock(connection_, lock_wait_max_, doing); !taken) return taken;
    return connection_.limit_statements(kStatementMax, kTableWait, doing);
  }
  Result<void> execute(const std::string& statement, std::string_view doing) override {
    return connection_.execute(statement, doing);
  }
  // A server that ends while it makes a partitioned table takes back the table, but not the
  // partition, which is in nobody's way but that of the next attempt. The partition of a table that
  // is there has the same name.
  Result<void> clear_ruin(const schema::Change& change, std::string_view doing) override {
    const auto* made = std::get_if<schema::TableChange>(&change);
    if (!made || made->before || !made->after || made->after->partition_by.empty()) return {};
    auto found = connection_.query(
        "SELECT COUNT(*) FROM information_schema.tables "
        "WHERE table_schema = DATABASE() AND table_name = ?",
        Parameters(made->after->name), doing);
    if (!found) return std::move(found).error();
    if (found->integer(0, 0) != 0) return {};
    return connection_.execute(fmt::format("DROP TABLE IF EXISTS `#mysql50#{}#P#{}`",
                                           made->after->name, kMariadbFloorPartition),
                               doing);
  }
  Result<void> write(const HistoryRow& row, std::string_view doing) override {
    return write_history(connection_, row, doing);
  }
  Result<void> erase(int seq, std::string_view doing) override {
    auto erased =
        connection_.query("DELETE FROM schema_migrations WHERE seq = ?", Parameters(seq), doing);
    if (!erased) return std::move(erased).error();
    return {};
  }
  Result<std::string> recorded_sql(int seq) override { return read_sql(connection_, seq); }
  Result<void> commit(std::string_view) override { return {}; }
  DatasetRegistry& datasets() override { return datasets_; }

 private:
  Connection connection_;
  MariadbDatasetRegistry datasets_{connection_};
  Duration lock_wait_max_;
};

}  // namespace

Result<std::unique_ptr<SchemaSession>> open_schema(const ServerConfig& config,
                                                   Duration lock_wait_max) {
  auto connection = Connection::open(config);
  if (!connection) return std::move(connection).error();
  return std::unique_ptr<SchemaSession>(
      std::make_unique<MariadbSchemaSession>(std::move(*connection), lock_wait_max));
}

}  // namespace unity::db::mariadb
