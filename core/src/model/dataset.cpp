#include "unity/core/model/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace unity {
namespace {

constexpr int kStrLengthMax = 4096;

constexpr std::array<std::pair<std::string_view, ColumnType>, 8> kTypes{{
    {"bool", ColumnType::boolean},
    {"i16", ColumnType::i16},
    {"i32", ColumnType::i32},
    {"i64", ColumnType::i64},
    {"f64", ColumnType::f64},
    {"text", ColumnType::text},
    {"json", ColumnType::json},
    {"time", ColumnType::time},
}};

constexpr std::array<std::pair<std::string_view, ColumnType>, 4> kAliases{{
    {"int64", ColumnType::i64},
    {"float64", ColumnType::f64},
    {"string", ColumnType::text},
    {"timestamp", ColumnType::time},
}};

json::Value to_value(const DatasetColumn& column) {
  json::Object object{{"name", column.name}, {"type", to_text(column.form)}};
  if (!column.nullable) object.emplace_back("nullable", false);
  if (!column.unit.empty()) object.emplace_back("unit", column.unit);
  if (column.metric) object.emplace_back("metric", to_text(*column.metric));
  if (!column.value.empty()) object.emplace_back("value", column.value);
  return object;
}

}  // namespace

std::string to_text(const ColumnForm& form) {
  if (form.type == ColumnType::str) return fmt::format("str{}", form.length);
  for (const auto& [name, type] : kTypes) {
    if (type == form.type) return std::string(name);
  }
  return {};
}

std::optional<ColumnForm> parse_column_form(std::string_view text) {
  for (const auto& [name, type] : kTypes) {
    if (name == text) return ColumnForm{type};
  }
  for (const auto& [name, type] : kAliases) {
    if (name == text) return ColumnForm{type};
  }
  if (!text.starts_with("str")) return std::nullopt;
  const auto digits = text.substr(3);
  int length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  const bool good = error == std::errc() && end == digits.data() + digits.size() && length >= 1 &&
                    length <= kStrLengthMax && !digits.starts_with('0');
  return good ? std::optional(ColumnForm{ColumnType::str, length}) : std::nullopt;
}

bool is_whole(ColumnType type) {
  return type == ColumnType::i16 || type == ColumnType::i32 || type == ColumnType::i64;
}

bool fits(std::int64_t number, ColumnType type) {
  if (type == ColumnType::i16) return std::in_range<std::int16_t>(number);
  if (type == ColumnType::i32) return std::in_range<std::int32_t>(number);
  return true;
}

bool is_wider(const ColumnForm& from, const ColumnForm& to) {
  if (from.type == ColumnType::str && to.type == ColumnType::str) return to.length >= from.length;
  if (from.type == ColumnType::str && to.type == ColumnType::text) return true;
  if (is_whole(from.type) && is_whole(to.type)) return to.type >= from.type;
  return from == to;
}

std::string_view to_text(DatasetShape shape) {
  switch (shape) {
    case DatasetShape::timeseries:
      return "timeseries";
    case DatasetShape::snapshot:
      return "snapshot";
    case DatasetShape::event:
      return "event";
  }
  return {};
}

const DatasetColumn* DatasetSpec::find(std::string_view column) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [column](const auto& one) { return one.name == column; });
  return found == columns.end() ? nullptr : &*found;
}

bool DatasetSpec::is_identity(std::string_view column) const {
  return std::find(identity.begin(), identity.end(), column) != identity.end();
}

bool DatasetSpec::has_metrics() const {
  return std::any_of(columns.begin(), columns.end(),
                     [](const auto& column) { return column.metric.has_value(); });
}

std::string to_json(const DatasetSpec& spec) {
  json::Object object{{"name", spec.name},
                      {"version", spec.version},
                      {"shape", to_text(spec.shape)},
                      {"time", spec.time},
                      {"identity", json::array_of(spec.identity)}};
  if (!spec.description.empty()) object.emplace_back("description", spec.description);
  json::Array columns;
  for (const auto& column : spec.columns) columns.push_back(to_value(column));
  object.emplace_back("columns", std::move(columns));
  if (spec.retention) object.emplace_back("retention", to_text(*spec.retention));
  const auto word = [](bool evolve) { return evolve ? "evolve" : "freeze"; };
  object.emplace_back("contract",
                      json::Object{{"columns", word(spec.contract.columns_evolve)},
                                   {"data_type", word(spec.contract.data_type_evolve)}});
  if (spec.source) {
    json::Object source{{"metric", spec.source->metric}};
    if (!spec.source->instance.empty()) source.emplace_back("instance", spec.source->instance);
    if (!spec.source->where.empty()) source.emplace_back("where", spec.source->where);
    if (spec.source->window > Duration::zero()) {
      source.emplace_back("window", to_text(spec.source->window));
    }
    object.emplace_back("from", std::move(source));
  }
  return json::dump(std::move(object));
}

}  // namespace unity
