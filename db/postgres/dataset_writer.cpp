#include "postgres/dataset_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <iterator>

#include "postgres/source_tables.hpp"
#include "unity/core/json/value.hpp"

namespace unity::db::postgres {
namespace {

std::string_view type_name(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return "boolean";
    case ColumnType::i16:
      return "smallint";
    case ColumnType::i32:
      return "integer";
    case ColumnType::i64:
      return "bigint";
    case ColumnType::f64:
      return "double precision";
    case ColumnType::str:
    case ColumnType::text:
      return "text";
    case ColumnType::json:
      return "jsonb";
    case ColumnType::time:
      return "timestamptz";
  }
  return {};
}

// The rows come as one JSON document, which the server takes apart.
std::string upsert_sql(const Layout& layout, const std::vector<WrittenColumn>& columns) {
  std::vector<std::string> names;
  std::vector<std::string> given;
  std::vector<std::string> typed;
  std::vector<std::string> keys;
  std::vector<std::string> updates;
  for (const auto& column : columns) {
    given.push_back(fmt::format("c{}", names.size()));
    typed.push_back(fmt::format("{} {}", given.back(), type_name(column.form.type)));
    names.push_back(fmt::format("\"{}\"", column.name));
    if (column.is_key) {
      keys.push_back(names.back());
    } else {
      updates.push_back(fmt::format("{0} = excluded.{0}", names.back()));
    }
  }
  return fmt::format(
      "INSERT INTO \"{}\" ({}) SELECT {} FROM jsonb_to_recordset($1) AS r ({}) "
      "ON CONFLICT ({}) DO {}",
      layout.table(), fmt::join(names, ", "), fmt::join(given, ", "), fmt::join(typed, ", "),
      fmt::join(keys, ", "),
      updates.empty() ? std::string("NOTHING")
                      : fmt::format("UPDATE SET {}", fmt::join(updates, ", ")));
}

void append_time(std::string& out, std::int64_t micros) {
  json::append_quoted(out, to_rfc3339(Time(std::chrono::microseconds(micros))));
}

void append_value(std::string& out, const FieldValue& value, const ColumnForm& form) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (form.type == ColumnType::json) {
      out += *text;
    } else {
      json::append_quoted(out, *text);
    }
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    out += *flag ? "true" : "false";
  } else if (const auto* real = std::get_if<double>(&value)) {
    json::append_number(out, *real);
  } else if (form.type == ColumnType::time) {
    append_time(out, std::get<std::int64_t>(value));
  } else {
    fmt::format_to(std::back_inserter(out), "{}", std::get<std::int64_t>(value));
  }
}

void append_row(std::string& out, const DatasetRow& row, const std::vector<WrittenColumn>& columns,
                const Devices& devices) {
  using Of = WrittenColumn::Of;
  out += out.back() == '[' ? "{" : ",{";
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& column = columns[i];
    const auto* value = column.of == Of::value ? row.values[column.index] : nullptr;
    if (column.of == Of::value && value == nullptr) continue;
    fmt::format_to(std::back_inserter(out), "{}\"c{}\":", out.back() == '{' ? "" : ",", i);
    switch (column.of) {
      case Of::device:
        fmt::format_to(std::back_inserter(out), "{}", devices.id(row.record->origin->device));
        break;
      case Of::time:
        append_time(out, row.record->time.time_since_epoch().count());
        break;
      case Of::sequence:
        fmt::format_to(std::back_inserter(out), "{}", row.record->sequence);
        break;
      case Of::value:
        append_value(out, *value, column.form);
        break;
    }
  }
  out += '}';
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
  PostgresDevices known(connection);
  if (auto learned = devices_.learn(known, std::move(hostnames)); !learned) return learned;
  for (const auto& table : tables) {
    const auto columns = written_columns(table);
    const auto& sql = *statements_.insert(upsert_sql(*table.layout, columns)).first;
    json_.clear();
    json_ += '[';
    for (const auto& row : table.rows) append_row(json_, row, columns, devices_);
    json_ += ']';
    auto done = connection.query(sql.c_str(), Parameters(Json{json_}), doing);
    if (!done) return std::move(done).error();
  }
  return {};
}

}  // namespace unity::db::postgres
