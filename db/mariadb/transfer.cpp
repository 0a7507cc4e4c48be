#include "mariadb/transfer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "base/day.hpp"
#include "base/now.hpp"
#include "mariadb/connection.hpp"
#include "mariadb/key_pages.hpp"
#include "mariadb/partitions.hpp"
#include "mariadb/transaction.hpp"
#include "transfer/canonical.hpp"

namespace unity::db {
namespace mariadb {
namespace {

using transfer::Cell;
using transfer::Numbers;
using transfer::Row;
using transfer::Selection;
using transfer::TakeRow;
using transfer::TransferTable;

constexpr Duration kStatementMax = std::chrono::hours(1);
constexpr Duration kLockWait = std::chrono::seconds(5);

std::string time_number(Time time) { return fmt::to_string(time.time_since_epoch().count()); }

constexpr transfer::SqlForm kForm{'`', time_number, ""};

std::string reading(const schema::Table& table) { return fmt::format("read {} of", table.name); }

Result<Cell> read_cell(const Rows& rows, int row, int index, const schema::Column& column) {
  if (rows.is_null(row, index)) return Cell();
  switch (column.type) {
    case Type::id:
    case Type::time:
    case Type::i16:
    case Type::i32:
    case Type::i64:
      return Cell(rows.integer(row, index));
    case Type::boolean:
      return Cell(rows.flag(row, index));
    case Type::f64:
      return Cell(rows.real(row, index));
    case Type::json:
      return transfer::parse_json_cell(rows.bytes(row, index), column);
    case Type::numbers: {
      auto numbers = transfer::parse_stored_numbers(rows.bytes(row, index));
      if (!numbers) return std::move(numbers).error();
      return Cell(std::move(*numbers));
    }
    case Type::uuid:
    case Type::hash:
    case Type::bin:
    case Type::str:
    case Type::text:
      break;
  }
  return Cell(std::string(rows.bytes(row, index)));
}

void append_cell(BulkRows& rows, const Cell& cell, Type type, std::string& text) {
  if (transfer::is_null(cell)) {
    rows.add_null();
  } else if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
    rows.add(*integer);
  } else if (const auto* boolean = std::get_if<bool>(&cell)) {
    rows.add(*boolean);
  } else if (const auto* real = std::get_if<double>(&cell)) {
    rows.add(*real);
  } else if (const auto* numbers = std::get_if<Numbers>(&cell)) {
    text.clear();
    transfer::append_stored_numbers(text, *numbers);
    rows.add(std::string_view(text));
  } else if (type == Type::uuid || type == Type::hash || type == Type::bin) {
    rows.add_bytes(std::get<std::string>(cell));
  } else {
    rows.add(std::string_view(std::get<std::string>(cell)));
  }
}

std::size_t bytes_of(const Cell& cell) {
  const auto* text = std::get_if<std::string>(&cell);
  const auto* numbers = std::get_if<Numbers>(&cell);
  return sizeof(Cell) + (text != nullptr ? text->size() : 0) +
         (numbers != nullptr ? numbers->size() * sizeof(Number) : 0);
}

class MariadbTransfer final : public transfer::TransferSession {
 public:
  explicit MariadbTransfer(Connection connection) : connection_(std::move(connection)) {}

  std::string place() const override { return connection_.place(); }

  Result<void> begin_snapshot() override {
    auto begun = Transaction::begin_snapshot(connection_, "read");
    if (!begun) return std::move(begun).error();
    snapshot_.emplace(std::move(*begun));
    return {};
  }

  Result<std::uint64_t> count(const Selection& selection) override {
    auto rows = connection_.query(constant(transfer::count_rows(selection, kForm)), Parameters(),
                                  reading(selection.what.table));
    if (!rows) return std::move(rows).error();
    return static_cast<std::uint64_t>(rows->integer(0, 0));
  }

  Result<void> read(const Selection& selection, const TakeRow& take) override {
    const auto doing = reading(selection.what.table);
    const KeyPages pages(selection, kForm);
    PageSize size;
    const auto* sql = constant(pages.first());
    Parameters parameters;
    while (true) {
      const auto wanted = size.rows();
      parameters.append(wanted);
      auto rows = connection_.query(sql, std::move(parameters), doing);
      if (!rows) return std::move(rows).error();
      if (auto taken = take_page(*rows, selection.what.table, size, take); !taken) return taken;
      if (rows->size() < wanted) return {};
      sql = constant(pages.next());
      parameters = pages.after(*rows, rows->size() - 1);
    }
  }

  // Days can be added at the end only, or cut from one that is nearly empty: in order, then.
  Result<void> prepare(const TransferTable& what, Time first) override {
    if (what.table.partition_by.empty()) return {};
    const auto today = std::chrono::floor<std::chrono::days>(now());
    auto day = std::chrono::floor<std::chrono::days>(first);
    while (!is_near(day, today) && day < today) day += std::chrono::days(1);
    auto& partitions = partitions_of(what.table);
    for (; day < today; day += kDaysAhead + std::chrono::days(1)) {
      if (auto made = partitions.ensure(connection_, day, day); !made) return made;
    }
    return {};
  }

  Result<void> insert(const TransferTable& what, std::span<const Row> rows) override {
    const auto& table = what.table;
    const auto doing = fmt::format("import rows of {} into", table.name);
    if (!table.partition_by.empty()) {
      if (auto made = make_partitions(table, rows); !made) return made;
    }
    data_.clear();
    for (const auto& row : rows) {
      data_.begin_row();
      for (std::size_t i = 0; i < row.size(); ++i) {
        const auto* real = std::get_if<double>(&row[i]);
        if (real != nullptr && !std::isfinite(*real)) return not_finite(table, table.columns[i]);
        append_cell(data_, row[i], table.columns[i].type, text_);
      }
    }
    auto transaction = Transaction::begin(connection_, doing);
    if (!transaction) return std::move(transaction).error();
    auto done = connection_.bulk(constant(transfer::insert_row(table, kForm)), data_, doing);
    if (!done) return done;
    return transaction->commit(doing);
  }

 private:
  Result<void> take_page(const Rows& rows, const schema::Table& table, PageSize& size,
                         const TakeRow& take) {
    row_.resize(table.columns.size());
    std::size_t bytes = 0;
    for (int i = 0; i < rows.size(); ++i) {
      for (std::size_t c = 0; c < row_.size(); ++c) {
        auto cell = read_cell(rows, i, static_cast<int>(c), table.columns[c]);
        if (!cell) {
          return Error{
              Errc::refused,
              fmt::format("cannot read {} of {}: a row has {} that is not what it should "
                          "be: {}",
                          table.name, place(), table.columns[c].name, cell.error().message)};
        }
        row_[c] = std::move(*cell);
        bytes += bytes_of(row_[c]);
      }
      if (auto taken = take(row_); !taken) return taken;
    }
    size.learn(bytes);
    return {};
  }

  Result<void> make_partitions(const schema::Table& table, std::span<const Row> rows) {
    const auto column = table.index_of(table.partition_by);
    std::int64_t last = 0;
    for (const auto& row : rows) last = std::max(last, std::get<std::int64_t>(row[column]));
    return partitions_of(table).ensure(connection_, Time(std::chrono::microseconds(last)), now());
  }

  Partitions& partitions_of(const schema::Table& table) {
    return partitions_.try_emplace(table.name, table.name).first->second;
  }

  Error not_finite(const schema::Table& table, const schema::Column& column) const {
    return {Errc::refused, fmt::format("cannot import into {}: {} of a row of {} is NaN or "
                                       "infinite, which MariaDB cannot hold",
                                       place(), column.name, table.name)};
  }

  // The session knows statements by where their text is.
  const char* constant(const std::string& sql) { return sql_.insert(sql).first->c_str(); }

  std::set<std::string> sql_;  // before the session, which refers to it
  Connection connection_;
  BulkRows data_;
  Row row_;
  std::string text_;
  std::map<std::string, Partitions> partitions_;
  std::optional<Transaction> snapshot_;  // last: ends first
};

}  // namespace
}  // namespace mariadb

Result<std::unique_ptr<transfer::TransferSession>> open_mariadb_transfer(
    const DatabaseConfig& config, transfer::Access) {
  auto connection = mariadb::Connection::open(config.server);
  if (!connection) return std::move(connection).error();
  auto limited = connection->limit_statements(mariadb::kStatementMax, mariadb::kLockWait, "read");
  if (!limited) return std::move(limited).error();
  return std::unique_ptr<transfer::TransferSession>(
      std::make_unique<mariadb::MariadbTransfer>(std::move(*connection)));
}

}  // namespace unity::db
