#include "migrate/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "migrate/checksum.hpp"

namespace unity::db {
namespace {

constexpr Column kHistoryColumns[] = {
    {"seq", Type::i32},
    str("name", 200),
    {"checksum", Type::hash},
    str("state", 16),
    nullable({"dirty_step", Type::i32}),
    {"started_at", Type::time},
    nullable({"finished_at", Type::time}),
    str("app_version", 64),
    str("applied_by", 128),
    str("dialect", 16),
    {"sql_text", Type::text},
};

constexpr CreateTable kHistoryTable{
    .name = "schema_migrations", .columns = kHistoryColumns, .primary_key = "seq"};

bool same_checksum(const Migration& migration, Dialect dialect, const AppliedMigration& applied) {
  const auto hash = checksum(migration.ops(), dialect);
  return std::equal(hash.begin(), hash.end(), applied.checksum.begin(), applied.checksum.end(),
                    [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
}

}  // namespace

const CreateTable& history_table() { return kHistoryTable; }

SchemaState describe_schema(Migrations migrations, Dialect dialect,
                            std::span<const AppliedMigration> applied) {
  SchemaState state;
  state.head = migrations.empty() ? 0 : migrations.back().seq;
  for (const auto& row : applied) {
    state.current = std::max(state.current, row.seq);
    const auto known = std::find_if(migrations.begin(), migrations.end(),
                                    [&row](const Migration& m) { return m.seq == row.seq; });
    const auto* text = known == migrations.end()             ? "unknown to this version"
                       : same_checksum(*known, dialect, row) ? "applied"
                                                             : "checksum differs";
    state.migrations.push_back({row.seq, row.name, text, to_rfc3339(row.finished_at)});
  }
  for (const auto& migration : migrations) {
    const auto done = std::any_of(applied.begin(), applied.end(), [&](const AppliedMigration& row) {
      return row.seq == migration.seq;
    });
    if (!done) {
      state.migrations.push_back({migration.seq, std::string(migration.name), "pending", {}});
    }
  }
  return state;
}

Result<Migrations> pending_migrations(Migrations migrations, Dialect dialect,
                                      std::span<const AppliedMigration> applied,
                                      std::string_view place) {
  const int head = migrations.empty() ? 0 : migrations.back().seq;
  const int current = applied.empty() ? 0 : applied.back().seq;
  if (current > head || applied.size() > migrations.size()) {
    return Error{Errc::refused,
                 fmt::format("the schema of {} is at {}, but this version of unity knows only up "
                             "to {}: install the version that wrote it, or a newer one",
                             place, current, head)};
  }
  std::string differences;
  for (std::size_t i = 0; i < applied.size(); ++i) {
    const auto& row = applied[i];
    const auto& expected = migrations[i];
    if (row.seq != expected.seq) {
      differences += fmt::format("\n  {} is recorded where {} ({}) should be", row.seq,
                                 expected.seq, expected.name);
    } else if (!same_checksum(expected, dialect, row)) {
      differences +=
          fmt::format("\n  {} ({}): the checksum of what was applied differs", row.seq, row.name);
    }
  }
  if (!differences.empty()) {
    return Error{Errc::refused,
                 fmt::format("the schema of {} was not made by the migrations of this version of "
                             "unity: install the version that made it, or restore a backup.{}",
                             place, differences)};
  }
  return migrations.subspan(applied.size());
}

Result<void> require_head(Migrations migrations, Dialect dialect,
                          std::span<const AppliedMigration> applied, std::string_view place) {
  auto pending = pending_migrations(migrations, dialect, applied, place);
  if (!pending) return std::move(pending).error();
  if (pending->empty()) return {};
  return Error{Errc::refused,
               fmt::format("the schema of {} is at {}, but this version of unity needs {}: run "
                           "`unity db upgrade`",
                           place, pending->front().seq - 1, migrations.back().seq)};
}

}  // namespace unity::db
