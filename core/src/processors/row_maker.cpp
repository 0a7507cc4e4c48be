#include "unity/core/processors/row_maker.hpp"

#include <fmt/format.h>

#include <cmath>

#include "unity/core/base/text.hpp"

namespace unity {
namespace {

std::optional<ValueType> type_wanted(ColumnType type) {
  switch (type) {
    case ColumnType::i16:
    case ColumnType::i32:
    case ColumnType::i64:
    case ColumnType::f64:
      return ValueType::number;
    case ColumnType::boolean:
      return ValueType::boolean;
    case ColumnType::str:
    case ColumnType::text:
      return ValueType::text;
    case ColumnType::json:
    case ColumnType::time:
      return std::nullopt;
  }
  return std::nullopt;
}

// The whole number nearest to it, or nothing if that does not fit.
std::optional<std::int64_t> whole(double number, ColumnType type) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  const auto nearest = std::nearbyint(number);
  if (!(std::fabs(nearest) <= kExact)) return std::nullopt;
  const auto result = static_cast<std::int64_t>(nearest);
  return fits(result, type) ? std::optional(result) : std::nullopt;
}

FieldValue value_in(const Value& value, const ColumnForm& form) {
  switch (form.type) {
    case ColumnType::f64:
      if (value.type == ValueType::number) return value.number;
      break;
    case ColumnType::i16:
    case ColumnType::i32:
    case ColumnType::i64:
      if (value.type == ValueType::number) {
        if (const auto number = whole(value.number, form.type)) return *number;
      }
      break;
    case ColumnType::boolean:
      if (value.type == ValueType::boolean) return value.number != 0;
      break;
    case ColumnType::str:
      if (value.type == ValueType::text) {
        return fit_text(value.text, static_cast<std::size_t>(form.length));
      }
      break;
    case ColumnType::text:
      if (value.type == ValueType::text) return fit_text(value.text, value.text.size());
      break;
    default:
      break;
  }
  return std::monostate();
}

}  // namespace

std::optional<RowMaker> RowMaker::make(const DatasetSpec& dataset,
                                       std::vector<DatasetProblem>& problems) {
  const auto before = problems.size();
  const auto compile = [&](const std::string& text, ValueType type, const std::string& at) {
    auto compiled = Expression::compile(text, Scope{}, Expression::Wanted{type, {}});
    if (!compiled) problems.push_back({at, compiled.error().message});
    return compiled;
  };
  RowMaker maker;
  maker.dataset_ = dataset.name;
  maker.source_ = *dataset.source;
  if (!dataset.source->where.empty()) {
    auto where = compile(dataset.source->where, ValueType::boolean, "/from/where");
    if (where) maker.where_ = std::move(*where);
  }
  for (std::size_t i = 0; i < dataset.columns.size(); ++i) {
    const auto& column = dataset.columns[i];
    const auto at = fmt::format("/columns/{}", column.name);
    const auto type = type_wanted(column.form.type);
    if (!type) {
      problems.push_back({at + "/type", fmt::format("an expression cannot come to a value of {}",
                                                    to_text(column.form))});
      continue;
    }
    auto value = compile(column.value, *type, at + "/value");
    if (!value) continue;
    const bool needed = !column.nullable || dataset.is_identity(column.name);
    maker.columns_.push_back(
        {column.name, Name(to_text(column.form)), column.form, needed, std::move(*value)});
  }
  if (problems.size() > before) return std::nullopt;
  return maker;
}

std::optional<Record> RowMaker::row_from(const Record& record) {
  if (record.is_row || record.metric != std::string_view(source_.metric)) return std::nullopt;
  if (!source_.instance.empty() && record.origin->instance != source_.instance) return std::nullopt;
  if (where_ && !where_->evaluate(record).is_true()) return std::nullopt;
  Record row;
  row.origin = record.origin;
  row.metric = dataset_;
  row.time = record.time;
  if (source_.window > Duration::zero()) {
    const auto window = std::chrono::floor<std::chrono::microseconds>(source_.window);
    auto past = record.time.time_since_epoch() % window;
    if (past < past.zero()) past += window;
    row.time -= past;
  }
  row.is_row = true;
  row.host_made = true;
  for (auto& column : columns_) {
    auto value = value_in(column.value.evaluate(record), column.form);
    if (std::holds_alternative<std::monostate>(value)) {
      if (column.needed) return std::nullopt;
      continue;
    }
    row.fields.push_back({column.name, std::move(value), Kind::gauge, column.form_text});
  }
  return row;
}

}  // namespace unity
