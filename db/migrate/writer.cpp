#include "migrate/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace unity::db {
namespace {

template <class Thing>
std::vector<Thing> beyond(const std::vector<Thing>& of, const std::vector<Thing>& without) {
  std::vector<Thing> rest;
  std::copy_if(of.begin(), of.end(), std::back_inserter(rest), [&without](const Thing& one) {
    return std::find(without.begin(), without.end(), one) == without.end();
  });
  return rest;
}

schema::Table only_constraints_beyond(const schema::Table& of, const schema::Table& without) {
  schema::Table rest;
  rest.uniques = beyond(of.uniques, without.uniques);
  rest.foreign_keys = beyond(of.foreign_keys, without.foreign_keys);
  rest.checks = beyond(of.checks, without.checks);
  return rest;
}

}  // namespace

const Writer& writer_for(Dialect dialect) {
  switch (dialect) {
    case Dialect::mariadb:
      return mariadb_writer();
    case Dialect::postgresql:
      return postgresql_writer();
    case Dialect::sqlite:
      return sqlite_writer();
    case Dialect::timescaledb:
      return timescaledb_writer();
  }
  return sqlite_writer();
}

std::vector<std::string> Writer::statements(const schema::Change& change) const {
  return std::visit([this](const auto& one) { return write(one); }, change);
}

Writer::Statements Writer::write(const schema::TableChange& change) const {
  if (!change.after) return {fmt::format("DROP TABLE {}", quote(change.before->name))};
  if (change.before) return alter(change);
  Statements made{create(*change.after)};
  for (auto& statement : set_up(*change.after)) made.push_back(std::move(statement));
  for (const auto& index : change.indexes) made.push_back(create(index));
  return made;
}

Writer::Statements Writer::write(const schema::IndexChange& change) const {
  Statements made;
  if (change.before) made.push_back(drop_index(*change.before));
  if (change.after) made.push_back(create(*change.after));
  return made;
}

Writer::Statements Writer::write(const schema::ViewChange& change) const {
  Statements made;
  if (change.before) made.push_back(fmt::format("DROP VIEW {}", quote(change.before->name)));
  if (change.after) made.push_back(create(*change.after));
  return made;
}

std::string Writer::create(const schema::Index& index) const {
  return fmt::format("CREATE INDEX {} ON {} ({})", quote(index.name), quote(index.table),
                     quote_all(index.columns));
}

std::string Writer::create(const schema::View& view) const {
  return fmt::format("CREATE VIEW {} AS\n{}", quote(view.name), view.select);
}

std::string Writer::drop_index(const schema::Index& index) const {
  return fmt::format("DROP INDEX {}", quote(index.name));
}

std::string Writer::quote(std::string_view name) const { return fmt::format("\"{}\"", name); }

std::string Writer::quote_all(const schema::Names& names) const {
  std::string quoted;
  for (const auto& name : names) quoted += (quoted.empty() ? "" : ", ") + quote(name);
  return quoted;
}

std::string Writer::primary_key(const schema::Table& table) const {
  return fmt::format("CONSTRAINT {} PRIMARY KEY ({})", quote("pk_" + table.name),
                     quote_all(table.primary_key));
}

Writer::Statements Writer::constraints(const schema::Table& table) const {
  Statements made;
  for (const auto& unique : table.uniques) {
    made.push_back(
        fmt::format("CONSTRAINT {} UNIQUE ({})", quote(unique.name), quote_all(unique.columns)));
  }
  for (const auto& key : table.foreign_keys) {
    made.push_back(fmt::format("CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE {}",
                               quote(key.name), quote(key.column), quote(key.target_table),
                               quote(key.target_column), key.on_delete));
  }
  for (const auto& check : table.checks) {
    made.push_back(fmt::format("CONSTRAINT {} CHECK ({})", quote(check.name), check.expression));
  }
  return made;
}

Writer::Statements Writer::constraints_beyond(const schema::Table& of,
                                              const schema::Table& without) const {
  return constraints(only_constraints_beyond(of, without));
}

schema::Names Writer::constraint_names_beyond(const schema::Table& of,
                                              const schema::Table& without) {
  const auto rest = only_constraints_beyond(of, without);
  schema::Names names;
  for (const auto& one : rest.uniques) names.push_back(one.name);
  for (const auto& one : rest.foreign_keys) names.push_back(one.name);
  for (const auto& one : rest.checks) names.push_back(one.name);
  return names;
}

}  // namespace unity::db
