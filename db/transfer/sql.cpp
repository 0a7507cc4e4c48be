#include "transfer/sql.hpp"

#include <fmt/format.h>

namespace unity::db::transfer {

std::string quoted(std::string_view name, const SqlForm& form) {
  return fmt::format("{0}{1}{0}", form.quote, name);
}

std::string column_list(const schema::Table& table, const SqlForm& form) {
  std::string list;
  for (const auto& column : table.columns) {
    list += list.empty() ? "" : ", ";
    list += quoted(column.name, form);
  }
  return list;
}

std::string where(const Selection& selection, const SqlForm& form) {
  if (!selection.since || !selection.what.time_column) return {};
  return fmt::format(" WHERE {} >= {}",
                     quoted(selection.what.table.columns[*selection.what.time_column].name, form),
                     form.time(*selection.since));
}

std::string order_by_key(const schema::Table& table, const SqlForm& form) {
  std::string sql = " ORDER BY ";
  for (const auto& name : table.primary_key) {
    if (&name != &table.primary_key.front()) sql += ", ";
    sql += quoted(name, form);
    const auto type = table.find(name)->type;
    if (type == Type::str || type == Type::text) sql += form.text_order;
  }
  return sql;
}

std::string count_rows(const Selection& selection, const SqlForm& form) {
  return fmt::format("SELECT count(*) FROM {}{}", quoted(selection.what.table.name, form),
                     where(selection, form));
}

std::string insert_row(const schema::Table& table, const SqlForm& form) {
  std::string marks;
  for (std::size_t i = 0; i < table.columns.size(); ++i) marks += i == 0 ? "?" : ", ?";
  return fmt::format("INSERT INTO {} ({}) VALUES ({})", quoted(table.name, form),
                     column_list(table, form), marks);
}

}  // namespace unity::db::transfer
