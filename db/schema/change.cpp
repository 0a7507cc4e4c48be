#include "schema/change.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>

namespace unity::db::schema {
namespace {

template <class Things>
auto position(Things& things, std::string_view name) {
  const auto found = std::find_if(things.begin(), things.end(),
                                  [name](const auto& thing) { return thing.name == name; });
  assert(found != things.end());
  return found;
}

// Takes out what has the name.
template <class Things>
auto take(Things& things, std::string_view name) {
  const auto found = position(things, name);
  auto taken = std::move(*found);
  things.erase(found);
  return taken;
}

void replace_name(Names& names, std::string_view from, std::string_view to) {
  std::replace(names.begin(), names.end(), std::string(from), std::string(to));
}

class Applier {
 public:
  Applier(Schema& schema, Dialect dialect) : schema_(schema), dialect_(dialect) {}

  Change operator()(const CreateTable& op) const {
    schema_.tables.push_back(to_table(op));
    return TableChange{std::nullopt, schema_.tables.back()};
  }
  Change operator()(const CreateIndex& op) const {
    schema_.indexes.push_back(to_index(op));
    const bool is_cut =
        std::any_of(schema_.tables.begin(), schema_.tables.end(), [&op](const Table& table) {
          return table.name == op.table && !table.partition_by.empty();
        });
    return IndexChange{std::nullopt, schema_.indexes.back(), op.concurrently && !is_cut};
  }
  Change operator()(const CreateView& op) const {
    schema_.views.push_back(to_view(op, dialect_));
    return ViewChange{std::nullopt, schema_.views.back()};
  }
  Change operator()(const AddColumn& op) const {
    return alter(op.table, [&](Table& table) { table.columns.push_back(to_column(op.column)); });
  }
  Change operator()(const ChangeColumn& op) const {
    return alter(op.table, [&](Table& table) {
      *position(table.columns, op.column.name) = to_column(op.column);
    });
  }
  Change operator()(const RenameColumn& op) const {
    auto change = alter(op.table, [&](Table& table) { rename(table, op.from, op.to); });
    change.renamed = {{std::string(op.from), std::string(op.to)}};
    for (auto& index : schema_.indexes) {
      if (index.table == op.table) replace_name(index.columns, op.from, op.to);
    }
    change.indexes = schema_.indexes_of(op.table);
    return change;
  }
  Change operator()(const DropColumn& op) const {
    return alter(op.table, [&](Table& table) { take(table.columns, op.column); });
  }
  Change operator()(const AddUnique& op) const {
    return alter(op.table, [&](Table& table) {
      const CreateTable with{
          .name = op.table, .columns = {}, .primary_key = "x", .uniques = {&op.unique, 1}};
      table.uniques.push_back(to_table(with).uniques.front());
    });
  }
  Change operator()(const AddForeignKey& op) const {
    return alter(op.table, [&](Table& table) {
      const CreateTable with{
          .name = op.table, .columns = {}, .primary_key = "x", .foreign_keys = {&op.key, 1}};
      table.foreign_keys.push_back(to_table(with).foreign_keys.front());
    });
  }
  Change operator()(const AddCheck& op) const {
    return alter(op.table, [&](Table& table) {
      table.checks.push_back({std::string(op.check.name), std::string(op.check.expression)});
    });
  }
  Change operator()(const DropTable& op) const {
    auto indexes = schema_.indexes_of(op.name);
    std::erase_if(schema_.indexes, [&](const Index& index) { return index.table == op.name; });
    return TableChange{take(schema_.tables, op.name), std::nullopt, {}, std::move(indexes)};
  }
  Change operator()(const DropIndex& op) const {
    return IndexChange{take(schema_.indexes, op.name), std::nullopt};
  }
  Change operator()(const DropView& op) const {
    return ViewChange{take(schema_.views, op.name), std::nullopt};
  }

 private:
  template <class Alter>
  TableChange alter(std::string_view name, Alter alter) const {
    const auto table = position(schema_.tables, name);
    TableChange change;
    change.before = *table;
    alter(*table);
    change.after = *table;
    change.indexes = schema_.indexes_of(name);
    return change;
  }

  static void rename(Table& table, std::string_view from, std::string_view to) {
    position(table.columns, from)->name = to;
    replace_name(table.primary_key, from, to);
    for (auto& unique : table.uniques) replace_name(unique.columns, from, to);
    for (auto& key : table.foreign_keys) {
      if (key.column == from) key.column = to;
    }
  }

  Schema& schema_;
  Dialect dialect_;
};

bool is_integer(Type type) { return type == Type::i16 || type == Type::i32 || type == Type::i64; }

std::string loss_of_table(const TableChange& change) {
  if (!change.before) return {};
  if (!change.after) return fmt::format("drops the table {}", change.before->name);
  std::vector<std::string> losses;
  for (const auto* column : change.dropped()) {
    losses.push_back(fmt::format("drops the column {}.{}", change.before->name, column->name));
  }
  for (const auto& column : change.after->columns) {
    const auto* origin = change.origin(column);
    if (origin != nullptr && !is_wider(*origin, column)) {
      losses.push_back(fmt::format("narrows the column {}.{}", change.after->name, column.name));
    }
  }
  return fmt::format("{}", fmt::join(losses, ", "));
}

}  // namespace

const Column* TableChange::origin(const Column& column) const {
  if (!before) return nullptr;
  const auto found = std::find_if(renamed.begin(), renamed.end(),
                                  [&](const auto& pair) { return pair.second == column.name; });
  return before->find(found == renamed.end() ? column.name : found->first);
}

std::vector<const Column*> TableChange::dropped() const {
  std::vector<const Column*> gone;
  for (const auto& column : before->columns) {
    const bool stays =
        std::any_of(after->columns.begin(), after->columns.end(),
                    [&](const Column& one) { return origin(one) == before->find(column.name); });
    if (!stays) gone.push_back(&column);
  }
  return gone;
}

Change apply(Schema& schema, const Op& op, Dialect dialect) {
  return std::visit(Applier(schema, dialect), op);
}

void apply_all(Schema& schema, std::span<const Op> operations, Dialect dialect) {
  for (const auto& op : operations) apply(schema, op, dialect);
}

Change reversed(Change change) {
  std::visit([](auto& one) { std::swap(one.before, one.after); }, change);
  if (auto* table = std::get_if<TableChange>(&change)) {
    for (auto& [from, to] : table->renamed) {
      for (auto& index : table->indexes) replace_name(index.columns, to, from);
      std::swap(from, to);
    }
  }
  return change;
}

std::string loss_of(const Change& change) {
  const auto* table = std::get_if<TableChange>(&change);
  return table == nullptr ? std::string() : loss_of_table(*table);
}

std::string subject_of(const Change& change) {
  constexpr std::string_view kinds[] = {"table", "index", "view"};
  const auto name = std::visit(
      [](const auto& one) { return one.after ? one.after->name : one.before->name; }, change);
  return fmt::format("{} {}", kinds[change.index()], name);
}

bool is_wider(const Column& from, const Column& to) {
  if (from.nullable && !to.nullable) return false;
  if (from.type == to.type) return from.type != Type::str || from.length <= to.length;
  if (is_integer(from.type) && is_integer(to.type)) return from.type < to.type;
  return from.type == Type::str && to.type == Type::text;
}

}  // namespace unity::db::schema
