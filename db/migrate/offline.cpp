#include "migrate/offline.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "migrate/checksum.hpp"
#include "migrate/script.hpp"
#include "migrate/writer.hpp"

namespace unity::db {
namespace {

// With the step that is being done, if it is not all done.
std::string row_for(const Migration& migration, Dialect dialect, std::string_view app_version,
                    std::optional<std::size_t> step = {}) {
  const auto& writer = writer_for(dialect);
  auto sql = fmt::format(
      "\nINSERT INTO schema_migrations (seq, name, checksum, state, dirty_step, started_at, "
      "finished_at, app_version, applied_by, dialect, sql_text)\n"
      "VALUES ({}, '{}', {}, '{}', {}, {}, {}, '{}', 'a script of unity db sql', '{}', '');\n",
      migration.seq, migration.name,
      writer.bytes_literal(to_hex(checksum(migration.ops(), dialect))),
      to_text(step ? MigrationProgress::applying : MigrationProgress::done),
      step ? std::to_string(*step) : "NULL", writer.current_time(),
      step ? "NULL" : writer.current_time(), app_version, to_text(dialect));
  if (migration.breaking) {
    sql += fmt::format("UPDATE schema_migrations SET breaking = {} WHERE seq = {};\n",
                       writer.true_literal(), migration.seq);
  }
  return sql;
}

std::string history_table_for(Dialect dialect) {
  return to_sql(Step{{},
                     writer_for(dialect).statements(
                         schema::TableChange{std::nullopt, schema::to_table(history_table())})});
}

std::string without_row(int seq) {
  return fmt::format("\nDELETE FROM schema_migrations WHERE seq = {};\n", seq);
}

// What stands alone ends the transaction of the script, and begins another. The row says how far it
// got, so that `unity db upgrade` and `downgrade` can go on from there.
std::string upgrade_script(Migrations migrations, int seq, Dialect dialect,
                           std::string_view app_version) {
  const auto& writer = writer_for(dialect);
  const auto& migration = migrations[static_cast<std::size_t>(seq) - 1];
  const auto steps = upgrade_steps(migrations, seq, dialect);
  std::string sql;
  bool has_row = false;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!steps[i].alone) {
      sql += to_sql(steps[i]);
      continue;
    }
    if (std::exchange(has_row, true)) sql += without_row(seq);
    sql += row_for(migration, dialect, app_version, i);
    sql += fmt::format("\n{}{}\n{}", writer.script_end(), to_sql(steps[i]), writer.script_begin());
  }
  if (has_row) sql += without_row(seq);
  return sql + row_for(migration, dialect, app_version);
}

std::string downgrade_script(Migrations migrations, int seq, Dialect dialect) {
  const auto& writer = writer_for(dialect);
  const auto steps = downgrade_steps(migrations, seq, dialect);
  std::string sql;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!steps[i].alone) {
      sql += to_sql(steps[i]);
      continue;
    }
    sql += fmt::format(
        "\nUPDATE schema_migrations SET state = '{}', dirty_step = {} WHERE seq = {};\n\n{}{}\n{}",
        to_text(MigrationProgress::reverting), i, seq, writer.script_end(), to_sql(steps[i]),
        writer.script_begin());
  }
  return sql + without_row(seq);
}

}  // namespace

std::string offline_script(Migrations migrations, int from, int to, Dialect dialect,
                           std::string_view app_version) {
  const auto& writer = writer_for(dialect);
  auto sql = fmt::format("-- the schema of unity, {}: from {} to {}\n{}", to_text(dialect), from,
                         to, writer.script_begin());
  if (from == 0 && to > 0) sql += history_table_for(dialect);
  for (int seq = from + 1; seq <= to; ++seq) {
    const auto& migration = migrations[static_cast<std::size_t>(seq) - 1];
    sql += fmt::format("\n-- {:04} {}\n{}", seq, migration.name,
                       upgrade_script(migrations, seq, dialect, app_version));
  }
  for (int seq = from; seq > to; --seq) {
    sql +=
        fmt::format("\n-- {:04} taken back\n{}", seq, downgrade_script(migrations, seq, dialect));
  }
  return sql + "\n" + std::string(writer.script_end());
}

}  // namespace unity::db
