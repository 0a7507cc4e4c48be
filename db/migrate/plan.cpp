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

std::string_view to_text(MigrationProgress progress) {
  switch (progress) {
    case MigrationProgress::done:
      return "done";
    case MigrationProgress::applying:
      return "applying";
    case MigrationProgress::reverting:
      return "reverting";
  }
  return {};
}

MigrationProgress to_progress(std::string_view text) {
  for (const auto one : {MigrationProgress::applying, MigrationProgress::reverting}) {
    if (text == to_text(one)) return one;
  }
  return MigrationProgress::done;
}

Error belongs_to_others(std::string_view place) {
  return {Errc::refused,
          fmt::format("{} has tables that unity did not make and no schema_migrations: it belongs "
                      "to something else. Choose another database",
                      place)};
}

bool is_recorded(Migrations migrations, Dialect dialect, const AppliedMigration& row) {
  const auto known = std::find_if(migrations.begin(), migrations.end(),
                                  [&row](const Migration& m) { return m.seq == row.seq; });
  return known != migrations.end() && known->name == row.name &&
         row.progress == MigrationProgress::done && same_checksum(*known, dialect, row);
}

SchemaState describe_schema(Migrations migrations, Dialect dialect, const History& history) {
  SchemaState state;
  state.head = migrations.empty() ? 0 : migrations.back().seq;
  for (const auto& row : history.applied) {
    if (row.progress == MigrationProgress::done) state.current = std::max(state.current, row.seq);
    const auto known = std::find_if(migrations.begin(), migrations.end(),
                                    [&row](const Migration& m) { return m.seq == row.seq; });
    const auto* text = row.progress != MigrationProgress::done ? "cut off"
                       : known == migrations.end()             ? "unknown to this version"
                       : same_checksum(*known, dialect, row)   ? "applied"
                                                               : "checksum differs";
    state.migrations.push_back({row.seq, row.name, text, to_rfc3339(row.finished_at)});
  }
  for (const auto& migration : migrations) {
    const auto done =
        std::any_of(history.applied.begin(), history.applied.end(),
                    [&](const AppliedMigration& row) { return row.seq == migration.seq; });
    if (!done) {
      state.migrations.push_back({migration.seq, std::string(migration.name), "pending", {}});
    }
  }
  return state;
}

namespace {

// Empty if the binary and the database agree on what they both know.
std::string differences(Migrations migrations, Dialect dialect,
                        const std::vector<AppliedMigration>& applied) {
  std::string found;
  for (std::size_t i = 0; i < std::min(applied.size(), migrations.size()); ++i) {
    const auto& row = applied[i];
    const auto& expected = migrations[i];
    if (row.seq != expected.seq) {
      found += fmt::format("\n  {} is recorded where {} ({}) should be", row.seq, expected.seq,
                           expected.name);
    } else if (!same_checksum(expected, dialect, row)) {
      found +=
          fmt::format("\n  {} ({}): the checksum of what was applied differs", row.seq, row.name);
    }
  }
  return found;
}

// Whether a version that does not know them can work with a schema that has them, or a part of one.
bool all_harmless(std::span<const AppliedMigration> unknown) {
  return std::none_of(unknown.begin(), unknown.end(),
                      [](const AppliedMigration& row) { return row.breaking; });
}

}  // namespace

Result<Migrations> pending_migrations(Migrations migrations, Dialect dialect,
                                      const History& history, std::string_view place) {
  if (history.owner == History::Owner::others) return belongs_to_others(place);
  const auto& applied = history.applied;
  if (const auto found = differences(migrations, dialect, applied); !found.empty()) {
    return Error{Errc::refused,
                 fmt::format("the schema of {} was not made by the migrations of this version of "
                             "unity: install the version that made it, or restore a backup.{}",
                             place, found)};
  }
  if (applied.size() <= migrations.size()) {
    // One that was cut off is still to be finished.
    const bool is_cut_off = !applied.empty() && applied.back().progress != MigrationProgress::done;
    return migrations.subspan(applied.size() - (is_cut_off ? 1 : 0));
  }
  if (all_harmless(std::span(applied).subspan(migrations.size()))) return migrations.last(0);
  return Error{
      Errc::refused,
      fmt::format("the schema of {} is at {}, but this version of unity knows only up "
                  "to {}: install the version that wrote it, or a newer one",
                  place, applied.back().seq, migrations.empty() ? 0 : migrations.back().seq)};
}

Result<void> require_head(Migrations migrations, Dialect dialect, const History& history,
                          std::string_view place) {
  auto pending = pending_migrations(migrations, dialect, history, place);
  if (!pending) return std::move(pending).error();
  if (pending->empty()) return {};
  return Error{Errc::refused,
               fmt::format("the schema of {} is at {}, but this version of unity needs {}: run "
                           "`unity db upgrade`",
                           place, pending->front().seq - 1, migrations.back().seq)};
}

}  // namespace unity::db
