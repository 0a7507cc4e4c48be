#include "sqlite/transfer.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "sqlite/connection.hpp"
#include "transfer/canonical.hpp"
#include "transfer/sql.hpp"

namespace unity::db {
namespace {

using transfer::Cell;
using transfer::Numbers;
using transfer::Row;
using transfer::Selection;
using transfer::TakeRow;
using transfer::TransferTable;

std::string time_number(Time time) { return fmt::to_string(time.time_since_epoch().count()); }

constexpr transfer::SqlForm kForm{'"', time_number, ""};

std::string reading(const schema::Table& table) { return fmt::format("read {} of", table.name); }

Result<Cell> read_cell(const Statement& row, int index, const schema::Column& column) {
  if (row.is_null(index)) return Cell();
  switch (column.type) {
    case Type::id:
    case Type::time:
    case Type::i16:
    case Type::i32:
    case Type::i64:
      return Cell(row.integer(index));
    case Type::boolean:
      return Cell(row.integer(index) != 0);
    case Type::f64:
      return Cell(row.real(index));
    case Type::json:
      return transfer::parse_json_cell(row.text(index), column);
    case Type::numbers: {
      auto numbers = transfer::parse_stored_numbers(row.text(index));
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
  return Cell(std::string(row.text(index)));
}

class SqliteTransfer final : public transfer::TransferSession {
 public:
  explicit SqliteTransfer(Connection connection) : connection_(std::move(connection)) {}

  std::string place() const override { return connection_.path(); }

  Result<void> begin_snapshot() override {
    auto begun = Transaction::begin(connection_, Transaction::Kind::read, "read");
    if (!begun) return std::move(begun).error();
    snapshot_.emplace(std::move(*begun));
    return {};
  }

  Result<std::uint64_t> count(const Selection& selection) override {
    const auto doing = reading(selection.what.table);
    auto query = connection_.prepare(transfer::count_rows(selection, kForm), doing);
    if (!query) return std::move(query).error();
    auto row = connection_.next(*query, doing);
    if (!row) return std::move(row).error();
    return static_cast<std::uint64_t>(query->integer(0));
  }

  Result<void> read(const Selection& selection, const TakeRow& take) override {
    const auto& table = selection.what.table;
    const auto doing = reading(table);
    auto query = connection_.prepare(
        fmt::format("SELECT {} FROM {}{}{}", transfer::column_list(table, kForm),
                    transfer::quoted(table.name, kForm), transfer::where(selection, kForm),
                    transfer::order_by_key(table, kForm)),
        doing);
    if (!query) return std::move(query).error();
    Row row(table.columns.size());
    while (true) {
      auto more = connection_.next(*query, doing);
      if (!more) return std::move(more).error();
      if (!*more) return {};
      for (std::size_t i = 0; i < row.size(); ++i) {
        auto cell = read_cell(*query, static_cast<int>(i), table.columns[i]);
        if (!cell) return unreadable(table, table.columns[i], cell.error());
        row[i] = std::move(*cell);
      }
      if (auto taken = take(row); !taken) return taken;
    }
  }

  Result<void> insert(const TransferTable& what, std::span<const Row> rows) override {
    const auto& table = what.table;
    const auto doing = fmt::format("import rows of {} into", table.name);
    auto statement = connection_.prepare(transfer::insert_row(table, kForm), doing);
    if (!statement) return std::move(statement).error();
    auto transaction = Transaction::begin(connection_, Transaction::Kind::write, doing);
    if (!transaction) return std::move(transaction).error();
    for (const auto& row : rows) {
      if (auto bound = bind(*statement, table, row); !bound) return bound;
      if (auto done = connection_.run(*statement, doing); !done) return done;
    }
    return transaction->commit(doing);
  }

 private:
  Error unreadable(const schema::Table& table, const schema::Column& column,
                   const Error& why) const {
    return {Errc::refused, fmt::format("cannot read {} of {}: a row has {} that is not what it "
                                       "should be: {}",
                                       table.name, place(), column.name, why.message)};
  }

  // What is bound lives in `row` and texts_ until the statement was run.
  Result<void> bind(Statement& statement, const schema::Table& table, const Row& row) {
    texts_.resize(row.size());
    statement.reset();
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto index = static_cast<int>(i) + 1;
      const auto& cell = row[i];
      if (transfer::is_null(cell)) {
        statement.set(index, std::optional<int>());
      } else if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
        statement.set(index, *integer);
      } else if (const auto* boolean = std::get_if<bool>(&cell)) {
        statement.set(index, *boolean);
      } else if (const auto* real = std::get_if<double>(&cell)) {
        if (std::isnan(*real)) return no_nan(table, table.columns[i]);
        statement.set(index, *real);
      } else if (const auto* numbers = std::get_if<Numbers>(&cell)) {
        texts_[i].clear();
        transfer::append_stored_numbers(texts_[i], *numbers);
        statement.set(index, std::string_view(texts_[i]));
      } else {
        bind_text(statement, index, table.columns[i].type, std::get<std::string>(cell));
      }
    }
    return {};
  }

  static void bind_text(Statement& statement, int index, Type type, const std::string& text) {
    if (type == Type::uuid || type == Type::hash || type == Type::bin) {
      statement.set(index, Blob{text});
    } else {
      statement.set(index, std::string_view(text));
    }
  }

  Error no_nan(const schema::Table& table, const schema::Column& column) const {
    return {Errc::refused, fmt::format("cannot import into {}: {} of a row of {} is NaN, which "
                                       "SQLite cannot hold",
                                       place(), column.name, table.name)};
  }

  Connection connection_;
  std::optional<Transaction> snapshot_;  // last: ends first
  std::vector<std::string> texts_;
};

}  // namespace

Result<std::unique_ptr<transfer::TransferSession>> open_sqlite_transfer(
    const DatabaseConfig& config, transfer::Access access) {
  auto connection = Connection::open(
      config.path, access == transfer::Access::read ? OpenMode::read_only : OpenMode::read_write);
  if (!connection) return std::move(connection).error();
  return std::unique_ptr<transfer::TransferSession>(
      std::make_unique<SqliteTransfer>(std::move(*connection)));
}

}  // namespace unity::db
