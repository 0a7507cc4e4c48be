#include "postgres/schema.hpp"

#include <fmt/format.h>

#include "migrate/upgrade.hpp"
#include "postgres/history.hpp"
#include "postgres/transaction.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::string_view kUpgrading = "upgrade the schema of";
constexpr Duration kPoll = std::chrono::milliseconds(200);
constexpr Duration kStatementMax = std::chrono::hours(1);  // a migration may rewrite tables

// Asks again and again rather than wait in the server, where a waiting session would hold back
// whatever needs all older transactions to end.
Result<void> take_lock(Connection& connection, Duration wait_max) {
  for (auto waited = Duration::zero();; waited += kPoll) {
    auto taken = connection.query(
        "SELECT pg_try_advisory_lock(hashtextextended('unity.schema:' || current_schema(), 0))",
        Parameters(), kUpgrading);
    if (!taken) return std::move(taken).error();
    if (taken->flag(0, 0)) return {};
    if (waited >= wait_max) {
      return Error{Errc::unavailable,
                   fmt::format("cannot upgrade the schema of {}: another process has been at it "
                               "for more than {}",
                               connection.place(), unity::to_text(wait_max))};
    }
    if (!connection.linger(kPoll)) {
      return Error{Errc::unavailable,
                   fmt::format("cannot upgrade the schema of {}: the server has ended the session",
                               connection.place())};
    }
  }
}

}  // namespace

Result<SchemaState> read_schema_state(const ServerConfig& config, Migrations migrations) {
  auto connection = Connection::open(config);
  if (!connection) return std::move(connection).error();
  PostgresHistory history(*connection);
  return describe_schema(history, migrations);
}

Result<std::vector<MigrationState>> upgrade(const ServerConfig& config, Migrations migrations,
                                            std::string_view app_version, Duration lock_wait_max) {
  auto connection = Connection::open(config);
  if (!connection) return std::move(connection).error();
  PostgresHistory history(*connection);
  // Without the lock, because nearly every start finds nothing to do.
  auto at_head = is_at_head(history, migrations);
  if (!at_head) return std::move(at_head).error();
  if (*at_head) return std::vector<MigrationState>();

  if (auto taken = take_lock(*connection, lock_wait_max); !taken) return std::move(taken).error();
  if (auto limited = connection->limit_statements(kStatementMax, kUpgrading); !limited) {
    return std::move(limited).error();
  }
  auto transaction =
      Transaction::begin(*connection, "BEGIN; SET LOCAL lock_timeout = '5s'", kUpgrading);
  if (!transaction) return std::move(transaction).error();
  auto done = apply_pending(history, migrations, app_version);
  if (!done) return done;
  if (auto committed = transaction->commit(kUpgrading); !committed) {
    return std::move(committed).error();
  }
  return done;
}

}  // namespace unity::db::postgres
