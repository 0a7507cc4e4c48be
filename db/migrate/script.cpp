#include "migrate/script.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "migrate/checksum.hpp"
#include "migrate/writer.hpp"

namespace unity::db {
namespace {

const Migration& migration_at(Migrations migrations, int seq) {
  return migrations[static_cast<std::size_t>(seq) - 1];
}

Step to_step(schema::Change change, Dialect dialect) {
  auto statements = writer_for(dialect).statements(change);
  const auto* index = std::get_if<schema::IndexChange>(&change);
  const bool alone =
      index != nullptr && index->concurrently && base_of(dialect) == Dialect::postgresql;
  return {std::move(change), std::move(statements), alone};
}

std::vector<schema::Change> changes_of(Migrations migrations, int seq, Dialect dialect) {
  auto schema = schema_at(migrations, seq - 1, dialect);
  std::vector<schema::Change> changes;
  for (const auto& op : migration_at(migrations, seq).ops()) {
    changes.push_back(schema::apply(schema, op, dialect));
  }
  return changes;
}

// An index of a table that the same migration made: it goes with the table. MariaDB would not let
// it go before, where a foreign key uses it.
bool goes_with_its_table(const schema::Change& change, const std::vector<schema::Change>& all) {
  const auto* index = std::get_if<schema::IndexChange>(&change);
  if (index == nullptr || !index->after) return false;
  return std::any_of(all.begin(), all.end(), [index](const schema::Change& other) {
    const auto* table = std::get_if<schema::TableChange>(&other);
    return table != nullptr && !table->before && table->after->name == index->after->table;
  });
}

}  // namespace

schema::Schema schema_at(Migrations migrations, int seq, Dialect dialect) {
  schema::Schema schema;
  schema.tables.push_back(schema::to_table(history_table()));
  for (int one = 1; one <= seq; ++one) {
    schema::apply_all(schema, migration_at(migrations, one).ops(), dialect);
  }
  return schema;
}

std::vector<Step> upgrade_steps(Migrations migrations, int seq, Dialect dialect) {
  std::vector<Step> steps;
  for (auto& change : changes_of(migrations, seq, dialect)) {
    steps.push_back(to_step(std::move(change), dialect));
  }
  return steps;
}

std::vector<Step> downgrade_steps(Migrations migrations, int seq, Dialect dialect) {
  auto changes = changes_of(migrations, seq, dialect);
  std::reverse(changes.begin(), changes.end());
  std::vector<Step> steps;
  for (auto& change : changes) {
    if (goes_with_its_table(change, changes)) continue;
    steps.push_back(to_step(schema::reversed(change), dialect));
  }
  return steps;
}

std::string to_sql(const Step& step) {
  std::string sql;
  for (const auto& statement : step.statements) sql += "\n" + statement + ";\n";
  return sql;
}

std::string to_sql(const std::vector<Step>& steps) {
  std::string sql;
  for (const auto& step : steps) sql += to_sql(step);
  return sql;
}

std::string render(Migrations migrations, int seq, Dialect dialect) {
  const auto& migration = migration_at(migrations, seq);
  return fmt::format("-- {:04} {}, {}\n-- checksum {}\n{}", seq, migration.name, to_text(dialect),
                     to_hex(checksum(migration.ops(), dialect)),
                     to_sql(upgrade_steps(migrations, seq, dialect)));
}

}  // namespace unity::db
