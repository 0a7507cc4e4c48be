#include "postgres/transfer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/now.hpp"
#include "postgres/connection.hpp"
#include "postgres/exact_numbers.hpp"
#include "postgres/partitions.hpp"
#include "postgres/transaction.hpp"
#include "postgres/transfer_form.hpp"
#include "transfer/sql.hpp"

namespace unity::db {
namespace postgres {
namespace {

using transfer::Row;
using transfer::Selection;
using transfer::TakeRow;
using transfer::TransferTable;

constexpr Duration kStatementMax = std::chrono::hours(24);  // all of a table is one statement
constexpr std::string_view kFrames = "metric_frames";

std::string time_literal(Time time) { return fmt::format("'{}'::timestamptz", to_rfc3339(time)); }

// The collation of a database may be any.
constexpr transfer::SqlForm kForm{'"', time_literal, " COLLATE \"C\""};

std::string reading(const schema::Table& table) { return fmt::format("read {} of", table.name); }

std::string select(const Selection& selection) {
  const auto& table = selection.what.table;
  return fmt::format("SELECT {}{} FROM {} t{}{}", transfer::column_list(table, kForm),
                     table.name == kFrames ? kExactNumbers : "",
                     transfer::quoted(table.name, kForm), transfer::where(selection, kForm),
                     transfer::order_by_key(table, kForm));
}

class PostgresTransfer final : public transfer::TransferSession {
 public:
  explicit PostgresTransfer(Connection connection) : connection_(std::move(connection)) {}

  std::string place() const override { return connection_.place(); }

  Result<void> begin_snapshot() override {
    auto begun =
        Transaction::begin(connection_, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", "read");
    if (!begun) return std::move(begun).error();
    snapshot_.emplace(std::move(*begun));
    return {};
  }

  Result<std::uint64_t> count(const Selection& selection) override {
    std::uint64_t rows = 0;
    auto done = copy_out(transfer::count_rows(selection, kForm), reading(selection.what.table),
                         [&](const std::vector<std::string_view>& fields) -> Result<void> {
                           const schema::Column column{"count", Type::i64, 0, false, {}};
                           auto cell = read_cell(fields[0], column);
                           if (!cell) return std::move(cell).error();
                           rows = static_cast<std::uint64_t>(std::get<std::int64_t>(*cell));
                           return {};
                         });
    if (!done) return std::move(done).error();
    return rows;
  }

  Result<void> read(const Selection& selection, const TakeRow& take) override {
    const auto& table = selection.what.table;
    Row row(table.columns.size());
    return copy_out(select(selection), reading(table),
                    [&](const std::vector<std::string_view>& fields) -> Result<void> {
                      if (auto filled = fill(row, fields, table); !filled) return filled;
                      return take(row);
                    });
  }

  Result<void> insert(const TransferTable& what, std::span<const Row> rows) override {
    const auto& table = what.table;
    const auto doing = fmt::format("import rows of {} into", table.name);
    if (!table.partition_by.empty()) {
      if (auto made = make_partitions(what, rows); !made) return made;
    }
    data_.clear();
    for (const auto& row : rows) {
      const Row* stored = &row;
      if (table.name == kFrames) {
        auto changed = exact_numbers_.to_doc(connection_, table, row, doing);
        if (!changed) return std::move(changed).error();
        stored = *changed;
      }
      data_.begin_row(static_cast<int>(row.size()));
      for (std::size_t i = 0; i < row.size(); ++i) {
        append_cell(data_, (*stored)[i], table.columns[i]);
      }
    }
    const auto sql =
        fmt::format("COPY {} ({}) FROM STDIN (FORMAT binary)", transfer::quoted(table.name, kForm),
                    transfer::column_list(table, kForm));
    return connection_.copy_in(sql.c_str(), data_.finish(), doing);
  }

  Result<void> continue_ids(const TransferTable& what) override {
    const auto& table = what.table;
    if (!table.has_generated_key()) return {};
    const auto& key = table.primary_key.front();
    return connection_.execute(
        fmt::format("SELECT setval(pg_get_serial_sequence('\"{0}\"', '{1}'), highest) FROM "
                    "(SELECT max(\"{1}\") AS highest FROM \"{0}\") m WHERE highest IS NOT NULL",
                    table.name, key),
        fmt::format("set the next id of {} in", table.name));
  }

 private:
  template <class Take>
  Result<void> copy_out(const std::string& query, std::string_view doing, Take take) {
    CopyReader reader;
    std::vector<std::string_view> fields;
    return connection_.copy_out(fmt::format("COPY ({}) TO STDOUT (FORMAT binary)", query), doing,
                                [&](std::string_view piece) -> Result<void> {
                                  const auto is_row = reader.next(piece, fields);
                                  if (!is_row) return is_row.error();
                                  return *is_row ? take(fields) : Result<void>();
                                });
  }

  Result<void> fill(Row& row, const std::vector<std::string_view>& fields,
                    const schema::Table& table) const {
    for (std::size_t i = 0; i < row.size(); ++i) {
      auto cell = read_cell(fields[i], table.columns[i]);
      if (!cell) return unreadable(table, table.columns[i].name, cell.error());
      row[i] = std::move(*cell);
    }
    if (table.name != kFrames || fields.back().data() == nullptr) return {};
    if (auto taken = take_exact_numbers(fields.back(), row[table.index_of("vals")],
                                        row[table.index_of("doc")]);
        !taken) {
      return unreadable(table, "doc", taken.error());
    }
    return {};
  }

  Error unreadable(const schema::Table& table, std::string_view column, const Error& why) const {
    return {Errc::refused, fmt::format("cannot read {} of {}: a row has {} that is not what it "
                                       "should be: {}",
                                       table.name, place(), column, why.message)};
  }

  Result<void> make_partitions(const TransferTable& what, std::span<const Row> rows) {
    const auto& table = what.table;
    const auto found = partitions_.try_emplace(table.name, table.name).first;
    const auto column = table.index_of(table.partition_by);
    std::vector<Day> days;
    for (const auto& row : rows) {
      const Time time(std::chrono::microseconds(std::get<std::int64_t>(row[column])));
      const auto day = std::chrono::floor<std::chrono::days>(time);
      if (days.empty() || days.back() != day) days.push_back(day);
    }
    std::sort(days.begin(), days.end());
    days.erase(std::unique(days.begin(), days.end()), days.end());
    return found->second.ensure(connection_, days, now());
  }

  Connection connection_;
  CopyData data_;
  ExactNumbers exact_numbers_;
  std::map<std::string, Partitions> partitions_;
  std::optional<Transaction> snapshot_;  // last: ends first
};

}  // namespace
}  // namespace postgres

Result<std::unique_ptr<transfer::TransferSession>> open_postgres_transfer(
    const DatabaseConfig& config, transfer::Access) {
  auto connection = postgres::Connection::open(config.server);
  if (!connection) return std::move(connection).error();
  auto limited = connection->limit_statements(postgres::kStatementMax, "read");
  if (!limited) return std::move(limited).error();
  return std::unique_ptr<transfer::TransferSession>(
      std::make_unique<postgres::PostgresTransfer>(std::move(*connection)));
}

}  // namespace unity::db
