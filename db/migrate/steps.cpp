#include "migrate/steps.hpp"

#include <fmt/format.h>

#include "base/now.hpp"
#include "migrate/applied_by.hpp"
#include "migrate/checksum.hpp"
#include "migrate/writer.hpp"

namespace unity::db {
namespace {

constexpr std::size_t kAppVersionMax = 64;  // of the column

// What a row refers to, for as long as it is written.
struct RowTexts {
  RowTexts(Migrations migrations, int seq, Dialect dialect)
      : hash(checksum(migrations[static_cast<std::size_t>(seq) - 1].ops(), dialect)),
        who(applied_by()),
        sql(render(migrations, seq, dialect)) {}

  Sha256 hash;
  std::string who;
  std::string sql;
};

HistoryRow row_of(const Migration& migration, const RowTexts& texts, Dialect dialect,
                  std::string_view app_version) {
  HistoryRow row;
  row.seq = migration.seq;
  row.name = migration.name;
  row.checksum = {reinterpret_cast<const char*>(texts.hash.data()), texts.hash.size()};
  row.started_at = now();
  row.app_version = app_version.substr(0, kAppVersionMax);
  row.applied_by = texts.who;
  row.dialect = to_text(dialect);
  row.sql_text = texts.sql;
  row.breaking = migration.breaking;
  return row;
}

// A schema with nothing but what the change leaves behind.
schema::Schema only(const schema::Change& change) {
  schema::Schema schema;
  if (const auto* table = std::get_if<schema::TableChange>(&change); table && table->after) {
    schema.tables.push_back(*table->after);
  }
  return schema;
}

}  // namespace

Result<MigrationState> StepRunner::apply(int seq, const AppliedMigration* cut_off) {
  const auto& migration = migrations_[static_cast<std::size_t>(seq) - 1];
  const auto dialect = session_.dialect();
  const auto doing = fmt::format("apply migration {} ({}) to", seq, migration.name);
  const RowTexts texts(migrations_, seq, dialect);
  auto row = row_of(migration, texts, dialect, app_version_);
  row.progress = MigrationProgress::applying;
  if (auto done = run(upgrade_steps(migrations_, seq, dialect), row, cut_off, doing); !done) {
    return std::move(done).error();
  }
  row.progress = MigrationProgress::done;
  row.finished_at = now();
  if (auto noted = session_.write(row, doing); !noted) return std::move(noted).error();
  return MigrationState{seq, std::string(migration.name), "applied", to_rfc3339(*row.finished_at)};
}

Result<MigrationState> StepRunner::revert(int seq, const AppliedMigration* cut_off) {
  const auto& migration = migrations_[static_cast<std::size_t>(seq) - 1];
  const auto dialect = session_.dialect();
  const auto doing = fmt::format("take back migration {} ({}) from", seq, migration.name);
  const RowTexts texts(migrations_, seq, dialect);
  auto row = row_of(migration, texts, dialect, app_version_);
  row.progress = MigrationProgress::reverting;
  if (auto done = run(downgrade_steps(migrations_, seq, dialect), row, cut_off, doing); !done) {
    return std::move(done).error();
  }
  if (auto erased = session_.erase(seq, doing); !erased) return std::move(erased).error();
  return MigrationState{seq, std::string(migration.name), "taken back", {}};
}

Result<MigrationState> StepRunner::note(int seq, std::string_view remark,
                                        std::optional<Time> applied_at) {
  const auto& migration = migrations_[static_cast<std::size_t>(seq) - 1];
  RowTexts texts(migrations_, seq, session_.dialect());
  texts.sql.insert(0, remark);
  auto row = row_of(migration, texts, session_.dialect(), app_version_);
  row.started_at = applied_at.value_or(row.started_at);
  row.finished_at = row.started_at;
  const auto doing = fmt::format("stamp migration {} ({}) in", seq, migration.name);
  if (auto noted = session_.write(row, doing); !noted) return std::move(noted).error();
  return MigrationState{seq, std::string(migration.name), "stamped", to_rfc3339(row.started_at)};
}

Result<void> StepRunner::run(const std::vector<Step>& steps, HistoryRow row,
                             const AppliedMigration* cut_off, std::string_view doing) {
  std::size_t first = 0;
  if (cut_off != nullptr) {
    first = static_cast<std::size_t>(cut_off->dirty_step);
    auto happened = first < steps.size() ? resume(steps[first], doing) : false;
    if (!happened) return std::move(happened).error();
    if (*happened) ++first;
  }
  for (auto i = first; i < steps.size(); ++i) {
    if (!session_.is_atomic() || steps[i].alone) {
      row.dirty_step = static_cast<int>(i);
      if (auto noted = session_.write(row, doing); !noted) return noted;
    }
    if (steps[i].alone) {
      if (auto done = session_.execute_alone(steps[i].statements, doing); !done) return done;
      continue;
    }
    for (const auto& statement : steps[i].statements) {
      if (auto done = session_.execute(statement, doing); !done) return done;
    }
  }
  return {};
}

Result<bool> StepRunner::resume(const Step& step, std::string_view doing) {
  auto happened = has_happened(step.change);
  if (!happened) return happened;
  if (!*happened) {
    if (auto cleared = session_.clear_ruin(step.change, doing); !cleared) {
      return std::move(cleared).error();
    }
  }
  if (!step.alone) return happened;
  const bool is_to_be = std::get<schema::IndexChange>(step.change).after.has_value();
  if (is_to_be && *happened) return true;
  // What is there may be a ruin, which no look at the schema shows.
  const auto away = is_to_be ? schema::reversed(step.change) : step.change;
  auto cleared = session_.execute_alone(writer_for(session_.dialect()).statements(away), doing);
  if (!cleared) return std::move(cleared).error();
  return !is_to_be;
}

Result<bool> StepRunner::has_happened(const schema::Change& change) {
  auto found = session_.inspect();
  if (!found) return std::move(found).error();
  auto wanted = session_.expect(only(change));
  if (!wanted) return std::move(wanted).error();
  struct Question {
    bool operator()(const schema::TableChange& one) const {
      const auto table = found.tables.find(one.after ? one.after->name : one.before->name);
      if (!one.after || table == found.tables.end()) {
        return one.after.has_value() == (table != found.tables.end());
      }
      auto without_indexes = table->second;
      without_indexes.indexes.clear();
      return schema::compare(wanted, {{{table->first, without_indexes}}, {}}).empty();
    }
    bool operator()(const schema::IndexChange& one) const {
      const auto& index = one.after ? *one.after : *one.before;
      const auto table = found.tables.find(index.table);
      const bool is_there =
          table != found.tables.end() && table->second.indexes.contains(index.name);
      return is_there == one.after.has_value();
    }
    bool operator()(const schema::ViewChange& one) const {
      const auto& view = one.after ? *one.after : *one.before;
      return found.views.contains(view.name) == one.after.has_value();
    }
    const schema::Catalog& found;
    const schema::Catalog& wanted;
  };
  return std::visit(Question{*found, *wanted}, change);
}

}  // namespace unity::db
