#include "postgres/transfer_form.hpp"

#include <bit>

#include "postgres/frame_form.hpp"
#include "postgres/wire.hpp"
#include "transfer/canonical.hpp"
#include "transfer/canonical_text.hpp"
#include "unity/core/json/value.hpp"

namespace unity::db::postgres {
namespace {

using transfer::Cell;
using transfer::Numbers;

constexpr std::size_t kHeader = 19;  // the signature, flags, and the length of what follows

Error cut() { return {Errc::internal, "the server sent a row that is cut"}; }

std::int64_t read_integer(std::string_view field) {
  switch (field.size()) {
    case sizeof(std::int16_t):
      return read_big<std::int16_t>(field.data());
    case sizeof(std::int32_t):
      return read_big<std::int32_t>(field.data());
    case sizeof(std::int64_t):
      return read_big<std::int64_t>(field.data());
    default:
      return 0;
  }
}

// What is no number of {"metric":{"field":…}}.
json::Value without_numbers(const json::Value& doc) {
  json::Object metrics;
  for (const auto& [metric, value] : *doc.object()) {
    json::Object fields;
    if (const auto* members = value.object()) {
      for (const auto& [field, content] : *members) {
        if (!content.is_number()) fields.emplace_back(field, content);
      }
    }
    if (!fields.empty()) metrics.emplace_back(metric, std::move(fields));
  }
  return metrics;
}

void append_integer(CopyData& rows, std::int64_t value, Type type) {
  if (type == Type::i16) {
    append_big(rows.begin_value(), static_cast<std::int16_t>(value));
    rows.end_value();
  } else if (type == Type::i32) {
    rows.add(static_cast<std::int32_t>(value));
  } else if (type == Type::time) {
    rows.add(Time(std::chrono::microseconds(value)));
  } else {
    rows.add(value);
  }
}

}  // namespace

Result<bool> CopyReader::next(std::string_view piece, std::vector<std::string_view>& fields) {
  fields.clear();
  if (!begun_) {
    if (piece.size() < kHeader) return cut();
    piece.remove_prefix(kHeader);
    begun_ = true;
  }
  if (piece.size() < sizeof(std::int16_t)) return cut();
  const auto count = read_big<std::int16_t>(piece.data());
  if (count < 0) return false;
  piece.remove_prefix(sizeof count);
  for (std::int16_t i = 0; i < count; ++i) {
    if (piece.size() < sizeof(std::int32_t)) return cut();
    const auto length = read_big<std::int32_t>(piece.data());
    piece.remove_prefix(sizeof length);
    if (length < 0) {
      fields.emplace_back();
      continue;
    }
    const auto size = static_cast<std::size_t>(length);
    if (piece.size() < size) return cut();
    fields.push_back(piece.substr(0, size));
    piece.remove_prefix(size);
  }
  return true;
}

Result<Cell> read_cell(std::string_view field, const schema::Column& column) {
  if (field.data() == nullptr) return Cell();
  switch (column.type) {
    case Type::id:
    case Type::i16:
    case Type::i32:
    case Type::i64:
      return Cell(read_integer(field));
    case Type::time:
      return Cell(time_of(read_integer(field)).time_since_epoch().count());
    case Type::boolean:
      return Cell(!field.empty() && field[0] != 0);
    case Type::f64:
      return Cell(std::bit_cast<double>(read_integer(field)));
    case Type::json: {
      field.remove_prefix(1);  // the version of the form
      return transfer::parse_json_cell(field, column);
    }
    case Type::numbers: {
      Numbers numbers;
      if (auto read = read_numbers(field, numbers); !read) return std::move(read).error();
      for (auto& number : numbers) number = transfer::canonical_number(number);
      return Cell(std::move(numbers));
    }
    case Type::uuid:
    case Type::hash:
    case Type::bin:
    case Type::str:
    case Type::text:
      break;
  }
  return Cell(std::string(field));
}

void append_cell(CopyData& rows, const Cell& cell, const schema::Column& column) {
  if (transfer::is_null(cell)) {
    rows.add_null();
  } else if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
    append_integer(rows, *integer, column.type);
  } else if (const auto* boolean = std::get_if<bool>(&cell)) {
    rows.add(*boolean);
  } else if (const auto* real = std::get_if<double>(&cell)) {
    rows.add(*real);
  } else if (const auto* numbers = std::get_if<Numbers>(&cell)) {
    append_numbers(rows.begin_value(), Frame{*numbers, {}});
    rows.end_value();
  } else if (const auto& text = std::get<std::string>(cell); column.type == Type::json) {
    rows.add_json(text);
  } else {
    rows.add(std::string_view(text));
  }
}

Result<void> take_exact_numbers(std::string_view exact, Cell& vals, Cell& doc) {
  const auto found = json::parse(exact);
  const auto* pairs = found ? found->array() : nullptr;
  const auto parsed = json::parse(std::get<std::string>(doc));
  if (pairs == nullptr || !parsed || parsed->object() == nullptr) {
    return Error{Errc::internal, "doc is no object"};
  }
  auto& numbers = std::get<Numbers>(vals);
  for (const auto& pair : *pairs) {
    const auto& list = *pair.array();
    const auto position = static_cast<std::size_t>(list[0].integer());
    if (numbers.size() <= position) numbers.resize(position + 1);
    parse_number(json::dump(list[1]), numbers[position]);
  }
  const auto rest = without_numbers(*parsed);
  doc = rest.object()->empty() ? Cell() : Cell(transfer::to_canonical_json(rest));
  return {};
}

}  // namespace unity::db::postgres
