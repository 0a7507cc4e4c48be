#include "sqlite/ask.hpp"

#include <fmt/format.h>

#include "report/read_cells.hpp"
#include "sqlite/statement_row.hpp"

namespace unity::db {
namespace {

constexpr Questions kSqliteQuestions{
    .quote = '"',
    .to_micros = "{}",
    .from_micros = "{}",
    .integer = "INTEGER",
    .real = "REAL",
    .text = "TEXT",
    .server =
        "SELECT 'SQLite', sqlite_version(), (SELECT page_count FROM pragma_page_count) * "
        "(SELECT page_size FROM pragma_page_size)",
    .tables =
        // Of a large table, cells that only lead to others are a hundredth.
    "SELECT m.tbl_name, sum(CASE m.type WHEN 'table' THEN s.ncell ELSE 0 END), "
    "sum(CASE m.type WHEN 'table' THEN s.pgsize ELSE 0 END), "
    "sum(CASE m.type WHEN 'index' THEN s.pgsize ELSE 0 END), 0 "
    "FROM sqlite_master m JOIN dbstat s ON s.name = m.name AND s.aggregate = TRUE "
    "WHERE m.tbl_name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
    "GROUP BY m.tbl_name ORDER BY 3 DESC, 1",
    .indexes_note = "SQLite does not count how often an index is used",
    .statements_note = "SQLite does not count statements",
};

class SqliteAsk final : public AskSession {
 public:
  explicit SqliteAsk(Connection connection) : connection_(std::move(connection)) {}

  const Questions& questions() const override { return kSqliteQuestions; }
  std::string place() const override { return connection_.path(); }
  Result<std::vector<json::Array>> ask(std::string sql, std::string_view types) override {
    auto rows = connection_.prepare(sql, "ask");
    if (!rows) return std::move(rows).error();
    std::vector<json::Array> answer;
    while (true) {
      auto row = connection_.next(*rows, "ask");
      if (!row) return std::move(row).error();
      if (!*row) return answer;
      answer.push_back(read_cells(StatementRow{*rows}, types));
    }
  }

 private:
  Connection connection_;
};

}  // namespace

Result<std::unique_ptr<AskSession>> open_sqlite_ask_session(const DatabaseConfig& config) {
  std::error_code ignored;  // what cannot be looked at fails with a better message when opened
  if (!std::filesystem::exists(config.path, ignored) && !ignored) {
    return Error{Errc::not_found, fmt::format("there is no database {} yet: run `unity db init`",
                                              config.path.string())};
  }
  auto connection = Connection::open(config.path, OpenMode::read_only);
  if (!connection) return std::move(connection).error();
  return std::unique_ptr<AskSession>(std::make_unique<SqliteAsk>(std::move(*connection)));
}

}  // namespace unity::db
