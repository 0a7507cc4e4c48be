#include "sqlite/dataset_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace unity::db {
namespace {

constexpr std::string_view kWritingRows = "write a row of a dataset to";

std::string upsert_sql(const Layout& layout, const std::vector<WrittenColumn>& columns) {
  std::vector<std::string> names;
  std::vector<std::string> marks;
  std::vector<std::string> keys;
  std::vector<std::string> updates;
  for (const auto& column : columns) {
    names.push_back(fmt::format("\"{}\"", column.name));
    marks.emplace_back("?");
    if (column.is_key) {
      keys.push_back(names.back());
    } else {
      updates.push_back(fmt::format("{0} = excluded.{0}", names.back()));
    }
  }
  return fmt::format("INSERT INTO \"{}\" ({}) VALUES ({}) ON CONFLICT ({}) DO {}", layout.table(),
                     fmt::join(names, ", "), fmt::join(marks, ", "), fmt::join(keys, ", "),
                     updates.empty() ? std::string("NOTHING")
                                     : fmt::format("UPDATE SET {}", fmt::join(updates, ", ")));
}

void bind_value(Statement& statement, int at, const FieldValue* value, const ColumnForm& form) {
  if (value == nullptr) return statement.set(at, std::optional<double>());
  if (const auto* text = std::get_if<std::string>(value)) return statement.set(at, *text);
  if (const auto* real = std::get_if<double>(value)) return statement.set(at, *real);
  if (const auto* flag = std::get_if<bool>(value)) return statement.set(at, *flag);
  if (form.type == ColumnType::f64) return statement.set(at, as_double(*value));
  statement.set(at, std::get<std::int64_t>(*value));
}

}  // namespace

Result<Statement*> SqliteDatasetWriter::upsert_for(const Layout& layout,
                                                   const std::vector<WrittenColumn>& columns) {
  if (generation_ != keeper_.generation()) upserts_.clear();
  generation_ = keeper_.generation();
  auto sql = upsert_sql(layout, columns);
  const auto known = upserts_.find(sql);
  if (known != upserts_.end()) return &known->second;
  auto statement = connection_.prepare(sql, kWritingRows);
  if (!statement) return std::move(statement).error();
  return &upserts_.emplace(std::move(sql), std::move(*statement)).first->second;
}

Result<void> SqliteDatasetWriter::write(const std::vector<DatasetRows>& tables,
                                        SourceCache& devices) {
  using Of = WrittenColumn::Of;
  for (const auto& table : tables) {
    const auto columns = written_columns(table);
    auto upsert = upsert_for(*table.layout, columns);
    if (!upsert) return std::move(upsert).error();
    auto& statement = **upsert;
    for (const auto& row : table.rows) {
      const auto device = devices.device_id(row.record->origin->device);
      if (!device) return device.error();
      statement.reset();
      int at = 0;
      for (const auto& column : columns) {
        ++at;
        switch (column.of) {
          case Of::device:
            statement.set(at, *device);
            break;
          case Of::time:
            statement.set(at, row.record->time);
            break;
          case Of::sequence:
            statement.set(at, static_cast<std::int64_t>(row.record->sequence));
            break;
          case Of::value:
            bind_value(statement, at, row.values[column.index], column.form);
            break;
        }
      }
      if (auto done = connection_.run(statement, kWritingRows); !done) return done;
    }
  }
  return {};
}

// SQLite has one code for both and for whatever else is wrong with a statement.
bool lacks_table_or_column(const Error& error) {
  const std::string_view text = error.message;
  return text.find("no such table: ") != text.npos ||
         text.find("has no column named") != text.npos ||
         text.find("no such column: ") != text.npos;
}

}  // namespace unity::db
