#include "postgres/schema_session.hpp"

#include <fmt/format.h>

#include <optional>

#include "postgres/compression.hpp"
#include "postgres/dataset_registry.hpp"
#include "postgres/history.hpp"
#include "postgres/inspect.hpp"
#include "postgres/timescale.hpp"
#include "postgres/transaction.hpp"

namespace unity::db::postgres {
namespace {

constexpr Duration kPoll = std::chrono::milliseconds(200);
constexpr Duration kStatementMax = std::chrono::hours(1);  // a migration may rewrite tables
// One that stands alone holds up nobody, and waits for all transactions that are older.
constexpr Duration kAloneMax = std::chrono::hours(7 * 24);

// Asks again and again rather than wait in the server, where a waiting session would hold back
// whatever needs all older transactions to end.
Result<void> take_lock(Connection& connection, Duration wait_max, std::string_view doing) {
  for (auto waited = Duration::zero();; waited += kPoll) {
    auto taken = connection.query(
        "SELECT pg_try_advisory_lock(hashtextextended('unity.schema:' || current_schema(), 0))",
        Parameters(), doing);
    if (!taken) return std::move(taken).error();
    if (taken->is_null(0, 0)) {
      return Error{Errc::refused,
                   fmt::format("cannot {} {}: the role may use none of the schemas in its "
                               "search_path; GRANT USAGE, CREATE ON SCHEMA public TO it, or make "
                               "it the owner of the database",
                               doing, connection.place())};
    }
    if (taken->flag(0, 0)) return {};
    if (waited >= wait_max) {
      return Error{Errc::unavailable,
                   fmt::format("cannot {} {}: another process has been at it for more than {}",
                               doing, connection.place(), unity::to_text(wait_max))};
    }
    if (!connection.linger(kPoll)) {
      return Error{Errc::unavailable, fmt::format("cannot {} {}: the server has ended the session",
                                                  doing, connection.place())};
    }
  }
}

class PostgresSchemaSession final : public SchemaSession {
 public:
  PostgresSchemaSession(Connection connection, const TimeseriesConfig& timeseries,
                        Duration lock_wait_max)
      : connection_(std::move(connection)),
        timeseries_(timeseries),
        lock_wait_max_(lock_wait_max) {}

  // Finds out how the tables are cut by time, or would be.
  Result<void> look() {
    auto found = look_for_timescale(connection_);
    if (!found) return std::move(found).error();
    timescale_ = std::move(*found);
    return {};
  }

  Dialect dialect() const override { return dialect_of(timescale_, timeseries_); }
  std::string place() const override { return connection_.place(); }
  bool is_atomic() const override { return true; }

  Result<History> history() override { return read_history(connection_); }
  Result<schema::Catalog> inspect() override { return postgres::inspect(connection_); }
  Result<schema::Catalog> expect(const schema::Schema& schema) override {
    return expected_catalog(schema, dialect());
  }

  Result<void> begin(std::string_view doing) override {
    if (auto taken = take_lock(connection_, lock_wait_max_, doing); !taken) return taken;
    if (auto limited = connection_.limit_statements(kStatementMax, doing); !limited) {
      return limited;
    }
    // Somebody else may have made the tables meanwhile.
    if (auto looked = look(); !looked) return looked;
    if (auto added = add_extension(); !added) return added;
    return begin_transaction(doing);
  }
  Result<void> execute(const std::string& statement, std::string_view doing) override {
    return connection_.execute(statement, doing);
  }
  Result<void> execute_alone(const std::vector<std::string>& statements,
                             std::string_view doing) override {
    if (auto committed = commit(doing); !committed) return committed;
    if (auto limited = connection_.limit_statements(kAloneMax, doing); !limited) return limited;
    for (const auto& statement : statements) {
      if (auto done = connection_.execute(statement, doing); !done) return done;
    }
    if (auto limited = connection_.limit_statements(kStatementMax, doing); !limited) return limited;
    return begin_transaction(doing);
  }
  Result<void> write(const HistoryRow& row, std::string_view doing) override {
    return write_history(connection_, row, doing);
  }
  Result<void> erase(int seq, std::string_view doing) override {
    auto erased =
        connection_.query("DELETE FROM schema_migrations WHERE seq = $1", Parameters(seq), doing);
    if (!erased) return std::move(erased).error();
    return {};
  }
  Result<std::string> recorded_sql(int seq) override { return read_sql(connection_, seq); }
  Result<void> commit(std::string_view doing) override {
    auto done = transaction_->commit(doing);
    transaction_.reset();
    return done;
  }
  Result<void> arrange(const schema::Schema& schema) override {
    if (auto looked = look(); !looked) return looked;
    if (timescale_.hypertables.empty() || !timescale_.can_compress()) return {};
    return arrange_compression(connection_, schema, timeseries_);
  }
  DatasetRegistry& datasets() override { return datasets_; }

 private:
  Result<void> begin_transaction(std::string_view doing) {
    auto begun = Transaction::begin(connection_, "BEGIN; SET LOCAL lock_timeout = '5s'", doing);
    if (!begun) return std::move(begun).error();
    transaction_.emplace(std::move(*begun));
    return {};
  }

  // Where the tables are to be hypertables and the database does not know those yet.
  Result<void> add_extension() {
    if (dialect() != Dialect::timescaledb || !timescale_.installed.empty()) return {};
    constexpr std::string_view doing = "add the extension timescaledb to";
    if (auto added = connection_.execute("CREATE EXTENSION timescaledb", doing); !added) {
      return Error{added.error().code, fmt::format("{}; or have it done by whoever may, or remove "
                                                   "`timeseries.enabled`",
                                                   added.error().message)};
    }
    return look();
  }

  Connection connection_;
  TimeseriesConfig timeseries_;
  Timescale timescale_;
  PostgresDatasetRegistry datasets_{connection_};
  Duration lock_wait_max_;
  std::optional<Transaction> transaction_;  // last: rolls back first
};

}  // namespace

Result<std::unique_ptr<SchemaSession>> open_schema(const ServerConfig& config,
                                                   Duration lock_wait_max) {
  auto connection = Connection::open(config);
  if (!connection) return std::move(connection).error();
  auto session = std::make_unique<PostgresSchemaSession>(std::move(*connection), config.timeseries,
                                                         lock_wait_max);
  if (auto looked = session->look(); !looked) return std::move(looked).error();
  return std::unique_ptr<SchemaSession>(std::move(session));
}

}  // namespace unity::db::postgres
