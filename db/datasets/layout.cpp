#include "datasets/layout.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "unity/core/json/value.hpp"

namespace unity::db {
namespace {

constexpr std::string_view kDeviceId = "device_id";
constexpr std::string_view kSequence = "seq";

template <class Columns>
auto find_column(Columns& columns, std::string_view name) -> decltype(&*columns.begin()) {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [name](const auto& one) { return one.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

Type type_of(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return Type::boolean;
    case ColumnType::i16:
      return Type::i16;
    case ColumnType::i32:
      return Type::i32;
    case ColumnType::i64:
      return Type::i64;
    case ColumnType::f64:
      return Type::f64;
    case ColumnType::str:
      return Type::str;
    case ColumnType::text:
      return Type::text;
    case ColumnType::json:
      return Type::json;
    case ColumnType::time:
      return Type::time;
  }
  return Type::text;
}

schema::Column column_of(const LayoutColumn& column) {
  return {column.name, type_of(column.form.type), column.form.length, column.nullable, {}};
}

Error unreadable(std::string_view what) {
  return {Errc::refused, fmt::format("a row of datasets is not what unity wrote: {}", what)};
}

Result<LayoutColumn> read_column(const json::Value& value) {
  LayoutColumn column;
  column.name = json::text_of(value, "name");
  const auto form = parse_column_form(json::text_of(value, "type"));
  if (column.name.empty() || !form) return unreadable("a column lacks its name or type");
  column.form = *form;
  const auto flag = [&](std::string_view name) {
    const auto* member = value.find(name);
    return member != nullptr && *member == json::Value(true);
  };
  column.nullable = !flag("not_null");
  column.required = flag("required");
  column.deprecated_at = parse_rfc3339(json::text_of(value, "deprecated_at"));
  column.unit = json::text_of(value, "unit");
  column.variant_of = json::text_of(value, "variant_of");
  return column;
}

json::Value write_column(const LayoutColumn& column) {
  json::Object object{{"name", column.name}, {"type", to_text(column.form)}};
  if (!column.nullable) object.emplace_back("not_null", true);
  if (column.required) object.emplace_back("required", true);
  if (!column.unit.empty()) object.emplace_back("unit", column.unit);
  if (!column.variant_of.empty()) object.emplace_back("variant_of", column.variant_of);
  if (column.deprecated_at) {
    object.emplace_back("deprecated_at", to_rfc3339(*column.deprecated_at));
  }
  return object;
}

// A time as plugin_metrics shows it, where the table has microseconds.
std::string readable(std::string_view column, Dialect dialect) {
  const auto micros = fmt::format("((d.{0} % 1000000) + 1000000) % 1000000", column);
  switch (dialect) {
    case Dialect::postgresql:
    case Dialect::timescaledb:
      return fmt::format("d.{}", column);
    case Dialect::sqlite:
      return fmt::format(
          "strftime('%Y-%m-%dT%H:%M:%S', (d.{0} - {1}) / 1000000, 'unixepoch')"
          " || printf('.%06dZ', {1})",
          column, micros);
    case Dialect::mariadb:
      return fmt::format(
          "CONCAT(DATE_FORMAT(TIMESTAMPADD(SECOND, (d.{0} - {1}) DIV 1000000, "
          "'1970-01-01 00:00:00'), '%Y-%m-%dT%H:%i:%s'), '.', LPAD({1}, 6, '0'), 'Z')",
          column, micros);
  }
  return {};
}

}  // namespace

const LayoutColumn* Layout::find(std::string_view column) const {
  return find_column(columns, column);
}
LayoutColumn* Layout::find(std::string_view column) { return find_column(columns, column); }

bool Layout::is_identity(std::string_view column) const {
  return std::find(identity.begin(), identity.end(), column) != identity.end();
}

Layout layout_of(const DatasetSpec& spec) {
  Layout layout{spec.name, spec.version, spec.shape, spec.time, spec.identity, {}};
  for (const auto& column : spec.columns) {
    layout.columns.push_back(
        {column.name, column.form, column.nullable, !column.nullable, column.unit, {}, {}});
  }
  return layout;
}

std::string to_json(const Layout& layout) {
  json::Array columns;
  for (const auto& column : layout.columns) columns.push_back(write_column(column));
  return json::dump(json::Object{{"name", layout.dataset},
                                 {"version", layout.version},
                                 {"shape", to_text(layout.shape)},
                                 {"time", layout.time},
                                 {"identity", json::array_of(layout.identity)},
                                 {"columns", std::move(columns)}});
}

Result<Layout> parse_layout(std::string_view text) {
  const auto value = json::parse(text);
  if (!value) return unreadable(value.error().message);
  Layout layout;
  layout.dataset = json::text_of(*value, "name");
  if (const auto* version = value->find("version")) {
    layout.version = static_cast<int>(version->integer());
  }
  for (const auto one : {DatasetShape::timeseries, DatasetShape::snapshot, DatasetShape::event}) {
    if (json::text_of(*value, "shape") == to_text(one)) layout.shape = one;
  }
  layout.time = json::text_of(*value, "time");
  const auto* identity = value->find("identity");
  const auto* columns = value->find("columns");
  if (layout.dataset.empty() || layout.time.empty() || identity == nullptr ||
      identity->array() == nullptr || columns == nullptr || columns->array() == nullptr) {
    return unreadable("its spec lacks a member");
  }
  for (const auto& one : *identity->array()) {
    if (one.string() != nullptr) layout.identity.push_back(*one.string());
  }
  for (const auto& one : *columns->array()) {
    auto column = read_column(one);
    if (!column) return std::move(column).error();
    layout.columns.push_back(std::move(*column));
  }
  return layout;
}

schema::Table table_of(const Layout& layout) {
  schema::Table table;
  table.name = layout.table();
  table.columns.push_back({std::string(kDeviceId), Type::i64, 0, false, {}});
  table.primary_key.emplace_back(kDeviceId);
  for (const auto& name : layout.identity) {
    table.columns.push_back(column_of(*layout.find(name)));
    table.primary_key.push_back(name);
  }
  table.columns.push_back({layout.time, Type::time, 0, false, {}});
  table.primary_key.push_back(layout.time);
  if (layout.shape == DatasetShape::event) {
    table.columns.push_back({std::string(kSequence), Type::i64, 0, false, {}});
    table.primary_key.emplace_back(kSequence);
  }
  for (const auto& column : layout.columns) {
    if (!layout.is_identity(column.name)) table.columns.push_back(column_of(column));
  }
  return table;
}

schema::Index time_index_of(const Layout& layout) {
  return {fmt::format("ix_{}_time", layout.table()), layout.table(), {layout.time}};
}

schema::View view_of(const Layout& layout, Dialect database) {
  const auto dialect = base_of(database);
  const char quote = dialect == Dialect::mariadb ? '`' : '"';
  const auto quoted = [quote](std::string_view name) {
    return fmt::format("{0}{1}{0}", quote, name);
  };
  const auto shown = [&](const std::string& name, ColumnType type) {
    return type == ColumnType::time ? readable(quoted(name), dialect)
                                    : fmt::format("d.{}", quoted(name));
  };
  schema::Names parts;
  parts.push_back(
      fmt::format("{} AS {}", shown(layout.time, ColumnType::time), quoted(layout.time)));
  parts.push_back("m.hostname AS device");
  parts.push_back("d.device_id AS device_id");
  for (const auto& column : layout.columns) {
    if (!column.variant_of.empty()) continue;
    // Later types first: a row has its value in one of them.
    auto expression = shown(column.name, column.form.type);
    for (const auto& other : layout.columns) {
      if (other.variant_of != column.name) continue;
      const bool as_text = other.form.type == ColumnType::json;
      if (as_text && dialect == Dialect::postgresql) {
        expression = fmt::format("coalesce(d.{}, to_jsonb({}))", quoted(other.name), expression);
      } else {
        expression = fmt::format("coalesce(d.{}, {})", quoted(other.name), expression);
      }
    }
    parts.push_back(fmt::format("{} AS {}", expression, quoted(column.name)));
  }
  if (dialect != Dialect::postgresql) {
    parts.push_back(fmt::format("d.{} AS time_us", quoted(layout.time)));
  }
  return {layout.dataset,
          fmt::format("SELECT\n  {}\nFROM {} d\nJOIN devices m ON m.device_id = d.device_id",
                      fmt::join(parts, ",\n  "), quoted(layout.table()))};
}

void add_to(schema::Schema& schema, const Layout& layout, Dialect dialect) {
  schema.tables.push_back(table_of(layout));
  schema.indexes.push_back(time_index_of(layout));
  schema.views.push_back(view_of(layout, dialect));
}

}  // namespace unity::db
