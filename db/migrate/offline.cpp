#include "migrate/offline.hpp"

#include <fmt/format.h>

#include "migrate/checksum.hpp"
#include "migrate/script.hpp"
#include "migrate/writer.hpp"

namespace unity::db {
namespace {

std::string row_for(const Migration& migration, Dialect dialect, std::string_view app_version) {
  const auto& writer = writer_for(dialect);
  auto sql = fmt::format(
      "\nINSERT INTO schema_migrations (seq, name, checksum, state, started_at, finished_at, "
      "app_version, applied_by, dialect, sql_text)\n"
      "VALUES ({}, '{}', {}, '{}', {}, {}, '{}', 'a script of unity db sql', '{}', '');\n",
      migration.seq, migration.name,
      writer.bytes_literal(to_hex(checksum(migration.ops(), dialect))),
      to_text(MigrationProgress::done), writer.current_time(), writer.current_time(), app_version,
      to_text(dialect));
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

// What is outside of any transaction ends the one of the script, and begins another.
std::string in_transactions(const std::vector<Step>& steps, const Writer& writer) {
  std::string sql;
  for (const auto& step : steps) {
    if (step.alone) sql += fmt::format("\n{}", writer.script_end());
    sql += to_sql(step);
    if (step.alone) sql += fmt::format("\n{}", writer.script_begin());
  }
  return sql;
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
    sql += fmt::format("\n-- {:04} {}\n{}{}", seq, migration.name,
                       in_transactions(upgrade_steps(migrations, seq, dialect), writer),
                       row_for(migration, dialect, app_version));
  }
  for (int seq = from; seq > to; --seq) {
    sql +=
        fmt::format("\n-- {:04} taken back\n{}\nDELETE FROM schema_migrations WHERE seq = {};\n",
                    seq, in_transactions(downgrade_steps(migrations, seq, dialect), writer), seq);
  }
  return sql + "\n" + std::string(writer.script_end());
}

}  // namespace unity::db
