#include "migrate/upgrade.hpp"

#include <fmt/format.h>

#include "base/now.hpp"
#include "migrate/applied_by.hpp"
#include "migrate/checksum.hpp"
#include "migrate/render.hpp"

namespace unity::db {
namespace {

constexpr std::size_t kAppVersionMax = 64;  // of the column

struct Pending {
  Migrations migrations;
  bool is_empty = false;  // the schema, so that even the history is to be made
};

Result<Pending> read_pending(History& history, Migrations migrations) {
  auto applied = history.read();
  if (!applied) return std::move(applied).error();
  const bool is_empty = !applied->has_value();
  auto pending =
      pending_migrations(migrations, history.dialect(),
                         is_empty ? std::vector<AppliedMigration>() : **applied, history.place());
  if (!pending) return std::move(pending).error();
  return Pending{*pending, is_empty};
}

Result<MigrationState> apply(History& history, const Migration& migration,
                             std::string_view app_version) {
  const auto doing = fmt::format("apply migration {} ({}) to", migration.seq, migration.name);
  const auto dialect = history.dialect();
  const auto started_at = now();
  for (const auto& op : migration.ops()) {
    if (auto done = history.execute(render(op, dialect), doing); !done) {
      return std::move(done).error();
    }
  }
  const auto hash = checksum(migration.ops(), dialect);
  const auto who = applied_by();
  const auto sql = render(migration, dialect);
  HistoryRow row;
  row.seq = migration.seq;
  row.name = migration.name;
  row.checksum = {reinterpret_cast<const char*>(hash.data()), hash.size()};
  row.started_at = started_at;
  row.finished_at = now();
  row.app_version = app_version.substr(0, kAppVersionMax);
  row.applied_by = who;
  row.dialect = to_text(dialect);
  row.sql_text = sql;
  if (auto added = history.add(row, doing); !added) return std::move(added).error();
  return MigrationState{migration.seq, std::string(migration.name), "applied",
                        to_rfc3339(row.finished_at)};
}

}  // namespace

Result<SchemaState> describe_schema(History& history, Migrations migrations) {
  auto applied = history.read();
  if (!applied) return std::move(applied).error();
  return describe_schema(migrations, history.dialect(),
                         *applied ? **applied : std::vector<AppliedMigration>());
}

Result<bool> is_at_head(History& history, Migrations migrations) {
  auto pending = read_pending(history, migrations);
  if (!pending) return std::move(pending).error();
  return pending->migrations.empty() && !pending->is_empty;
}

Result<std::vector<MigrationState>> apply_pending(History& history, Migrations migrations,
                                                  std::string_view app_version) {
  auto pending = read_pending(history, migrations);
  if (!pending) return std::move(pending).error();
  if (pending->is_empty) {
    const auto table = render(history_table(), history.dialect());
    if (auto created = history.execute(table, "create schema_migrations in"); !created) {
      return std::move(created).error();
    }
  }
  std::vector<MigrationState> done;
  for (const auto& migration : pending->migrations) {
    auto applied = apply(history, migration, app_version);
    if (!applied) return std::move(applied).error();
    done.push_back(std::move(*applied));
  }
  return done;
}

Result<void> require_head(History& history, Migrations migrations) {
  auto applied = history.read();
  if (!applied) return std::move(applied).error();
  return require_head(migrations, history.dialect(),
                      *applied ? **applied : std::vector<AppliedMigration>(), history.place());
}

}  // namespace unity::db
