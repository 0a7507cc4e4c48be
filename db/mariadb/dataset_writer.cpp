#include "mariadb/dataset_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mariadb/source_tables.hpp"

namespace unity::db::mariadb {
namespace {

std::string upsert_sql(const Layout& layout, const std::vector<WrittenColumn>& columns) {
  std::vector<std::string> names;
  std::vector<std::string> marks;
  std::vector<std::string> updates;
  for (const auto& column : columns) {
    names.push_back(fmt::format("`{}`", column.name));
    marks.emplace_back("?");
    if (!column.is_key) updates.push_back(fmt::format("{0} = VALUES({0})", names.back()));
  }
  if (updates.empty()) updates.emplace_back("device_id = device_id");
  return fmt::format("INSERT INTO `{}` ({}) VALUES ({}) ON DUPLICATE KEY UPDATE {}", layout.table(),
                     fmt::join(names, ", "), fmt::join(marks, ", "), fmt::join(updates, ", "));
}

void add_value(BulkRows& rows, const FieldValue* value, const ColumnForm& form) {
  if (value == nullptr) return rows.add_null();
  if (const auto* text = std::get_if<std::string>(value)) return rows.add(std::string_view(*text));
  if (form.type == ColumnType::f64) return rows.add(as_double(*value));
  if (const auto* flag = std::get_if<bool>(value)) return rows.add(*flag);
  rows.add(std::get<std::int64_t>(*value));
}

void add_row(BulkRows& rows, const DatasetRow& row, const std::vector<WrittenColumn>& columns,
             const Devices& devices) {
  using Of = WrittenColumn::Of;
  rows.begin_row();
  for (const auto& column : columns) {
    switch (column.of) {
      case Of::device:
        rows.add(devices.id(row.record->origin->device));
        break;
      case Of::time:
        rows.add(row.record->time);
        break;
      case Of::sequence:
        rows.add(static_cast<std::int64_t>(row.record->sequence));
        break;
      case Of::value:
        add_value(rows, row.values[column.index], column.form);
        break;
    }
  }
}

}  // namespace

Result<void> DatasetWriter::write(Connection& connection, const std::vector<DatasetRows>& tables,
                                  std::string_view doing) {
  std::vector<std::string> hostnames;
  for (const auto& table : tables) {
    for (const auto& row : table.rows) {
      const auto& hostname = row.record->origin->device;
      if (!devices_.knows(hostname)) hostnames.push_back(hostname);
    }
  }
  MariadbSourceTables known(connection);
  if (auto learned = devices_.learn(known, std::move(hostnames)); !learned) return learned;
  for (const auto& table : tables) {
    const auto columns = written_columns(table);
    const auto& sql = *statements_.insert(upsert_sql(*table.layout, columns)).first;
    rows_.clear();
    for (const auto& row : table.rows) add_row(rows_, row, columns, devices_);
    if (auto done = connection.bulk(sql.c_str(), rows_, doing); !done) return done;
  }
  return {};
}

}  // namespace unity::db::mariadb
