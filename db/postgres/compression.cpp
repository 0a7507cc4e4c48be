#include "postgres/compression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "postgres/transaction.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::string_view kArranging = "arrange the compression of hypertables in";
constexpr std::string_view kBeginArranging = "BEGIN; SET LOCAL lock_timeout = '5s'";

constexpr const char* kArranged =
    "SELECT h.hypertable_name::text, h.compression_enabled, j.job_id::bigint, "
    "(extract(epoch FROM (j.config ->> 'compress_after')::interval) * 1000000)::bigint "
    "FROM timescaledb_information.hypertables h LEFT JOIN timescaledb_information.jobs j "
    "ON j.hypertable_schema = h.hypertable_schema AND j.hypertable_name = h.hypertable_name "
    "AND j.proc_name IN ('policy_compression', 'policy_columnstore') "
    "WHERE h.hypertable_schema = current_schema()";

struct Arranged {
  bool has_settings = false;
  std::optional<std::int64_t> compress_after_us;  // of the job; empty: there is none
};

Result<std::map<std::string, Arranged>> read_arranged(Connection& connection) {
  auto rows = connection.query(kArranged, Parameters(), kArranging);
  if (!rows) return std::move(rows).error();
  std::map<std::string, Arranged> tables;
  for (int i = 0; i < rows->size(); ++i) {
    auto& table = tables[std::string(rows->bytes(i, 0))];
    table.has_settings = rows->flag(i, 1);
    if (!rows->is_null(i, 2)) table.compress_after_us = rows->integer(i, 3);
  }
  return tables;
}

// The newest first, as it is asked for; then what else tells rows apart, so that a row that comes
// late is compared with few.
std::string order_of(const schema::Table& table) {
  auto order = table.partition_by + " DESC";
  for (const auto& column : table.primary_key) {
    const bool is_said = column == table.partition_by ||
                         std::find(table.segment_by.begin(), table.segment_by.end(), column) !=
                             table.segment_by.end();
    if (!is_said) order += ", " + column;
  }
  return order;
}

// What brings a table from how it is to how it should be; empty if nothing.
std::string statements_for(const schema::Table& table, const Arranged& now,
                           const TimeseriesConfig& config) {
  const auto after_us =
      std::chrono::duration_cast<std::chrono::microseconds>(config.compress_after).count();
  std::string sql;
  if (now.compress_after_us && (!config.compression || *now.compress_after_us != after_us)) {
    sql +=
        fmt::format("SELECT remove_compression_policy('\"{}\"', if_exists => TRUE); ", table.name);
  }
  if (!config.compression) return sql;
  if (!now.has_settings) {
    sql += fmt::format(
        "ALTER TABLE \"{}\" SET (timescaledb.compress, timescaledb.compress_segmentby = '{}', "
        "timescaledb.compress_orderby = '{}'); ",
        table.name, schema::join(table.segment_by), order_of(table));
  }
  if (now.compress_after_us != after_us) {
    sql += fmt::format(
        "SELECT add_compression_policy('\"{}\"', INTERVAL '{} microseconds', if_not_exists => "
        "TRUE); ",
        table.name, after_us);
  }
  return sql;
}

}  // namespace

Result<void> arrange_compression(Connection& connection, const schema::Schema& schema,
                                 const TimeseriesConfig& config) {
  auto arranged = read_arranged(connection);
  if (!arranged) return std::move(arranged).error();
  for (const auto& table : schema.tables) {
    const auto now = arranged->find(table.name);
    if (now == arranged->end() || table.partition_by.empty()) continue;
    const auto sql = statements_for(table, now->second, config);
    if (sql.empty()) continue;
    auto transaction = Transaction::begin(connection, kBeginArranging, kArranging);
    if (!transaction) return std::move(transaction).error();
    if (auto done = connection.execute(sql, kArranging); !done) return done;
    if (auto done = transaction->commit(kArranging); !done) return done;
  }
  return {};
}

}  // namespace unity::db::postgres
