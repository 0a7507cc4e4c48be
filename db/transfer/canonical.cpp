#include "transfer/canonical.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/base64.hpp"
#include "frames/frame.hpp"
#include "transfer/canonical_text.hpp"
#include "unity/core/json/value.hpp"

namespace unity::db::transfer {
namespace {

// Up to here every reader of JSON keeps each integer.
constexpr std::int64_t kExactMax = std::int64_t{1} << 53;

bool is_exact(std::int64_t integer) { return integer >= -kExactMax && integer <= kExactMax; }

// Whether the text of a cell is a text in JSON as well.
bool is_quoted(const schema::Column& column, const Cell& cell) {
  switch (column.type) {
    case Type::id:
    case Type::i16:
    case Type::i32:
    case Type::i64:
      return !is_exact(std::get<std::int64_t>(cell));
    case Type::f64:
      return !std::isfinite(std::get<double>(cell));
    case Type::boolean:
    case Type::json:
    case Type::numbers:
      return false;
    case Type::time:
    case Type::uuid:
    case Type::hash:
    case Type::bin:
    case Type::str:
    case Type::text:
      return true;
  }
  return true;
}

Number parse_exact(const json::Value& value) {
  Number number;
  const auto* text = value.string();
  parse_number(text != nullptr ? *text : json::dump(value), number);
  return canonical_number(number);
}

Cell json_cell(const json::Value& value, const schema::Column& column) {
  if (value.is_null() && column.nullable) return Cell();
  return Cell(to_canonical_json(value));
}

Result<Cell> cell_of(const json::Value& value, const schema::Column& column) {
  if (column.type == Type::json) return json_cell(value, column);
  if (value.is_null()) return Cell();
  if (const auto* list = value.array(); list != nullptr && column.type == Type::numbers) {
    Numbers numbers;
    for (const auto& one : *list) numbers.push_back(parse_exact(one));
    return Cell(std::move(numbers));
  }
  const auto* text = value.string();
  return parse_cell_text(text != nullptr ? *text : json::dump(value), column);
}

}  // namespace

void append_json_row(std::string& out, const schema::Table& table, const Row& row) {
  thread_local std::string text;
  out += '{';
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto& column = table.columns[i];
    if (i > 0) out += ',';
    out += '"';
    out += column.name;
    out += "\":";
    if (is_null(row[i])) {
      out += "null";
    } else if (is_quoted(column, row[i])) {
      text.clear();
      append_cell_text(text, column, row[i]);
      json::append_quoted(out, text);
    } else {
      append_cell_text(out, column, row[i]);
    }
  }
  out += '}';
}

Result<void> parse_json_row(std::string_view line, const schema::Table& table, Row& row) {
  const auto value = json::parse(line);
  if (!value) return value.error();
  const auto* members = value->object();
  if (members == nullptr || members->size() != table.columns.size()) {
    return Error{Errc::invalid, "it does not have the columns of the table"};
  }
  row.clear();
  for (std::size_t i = 0; i < members->size(); ++i) {
    const auto& [name, member] = (*members)[i];
    if (name != table.columns[i].name) {
      return Error{Errc::invalid,
                   fmt::format("\"{}\" is where \"{}\" should be", name, table.columns[i].name)};
    }
    auto cell = cell_of(member, table.columns[i]);
    if (!cell) return std::move(cell).error();
    row.push_back(std::move(*cell));
  }
  return {};
}

void append_cell_text(std::string& out, const schema::Column& column, const Cell& cell) {
  switch (column.type) {
    case Type::id:
    case Type::i16:
    case Type::i32:
    case Type::i64:
      append_json(out, Number(std::get<std::int64_t>(cell)));
      break;
    case Type::time:
      append_time(out, Time(std::chrono::microseconds(std::get<std::int64_t>(cell))));
      break;
    case Type::f64:
      append_real(out, std::get<double>(cell));
      break;
    case Type::boolean:
      out += std::get<bool>(cell) ? "true" : "false";
      break;
    case Type::uuid:
      append_uuid(out, std::get<std::string>(cell));
      break;
    case Type::bin:
    case Type::hash:
      append_base64(out, std::get<std::string>(cell));
      break;
    case Type::json:
    case Type::str:
    case Type::text:
      out += std::get<std::string>(cell);
      break;
    case Type::numbers:
      out += '[';
      for (const auto& number : std::get<Numbers>(cell)) {
        const auto* integer = std::get_if<std::int64_t>(&number);
        const bool quoted = std::holds_alternative<std::uint64_t>(number) ||
                            (integer != nullptr && !is_exact(*integer));
        if (quoted) out += '"';
        append_json(out, number);
        out += quoted ? "\"," : ",";
      }
      if (out.back() == ',') out.pop_back();
      out += ']';
      break;
  }
}

Result<Cell> parse_cell_text(std::string_view text, const schema::Column& column) {
  const Error wrong{Errc::invalid,
                    fmt::format("\"{}\" cannot be read as {}", text.substr(0, 100), column.name)};
  switch (column.type) {
    case Type::id:
    case Type::i16:
    case Type::i32:
    case Type::i64: {
      std::int64_t value = 0;
      const auto* end = text.data() + text.size();
      const auto read = std::from_chars(text.data(), end, value);
      if (read.ec != std::errc() || read.ptr != end) return wrong;
      return Cell(value);
    }
    case Type::time: {
      const auto time = parse_rfc3339(text);
      if (!time) return wrong;
      return Cell(time->time_since_epoch().count());
    }
    case Type::f64: {
      const auto value = parse_real(text);
      if (!value) return wrong;
      return Cell(*value);
    }
    case Type::boolean:
      if (text != "true" && text != "false") return wrong;
      return Cell(text == "true");
    case Type::uuid: {
      auto bytes = parse_uuid(text);
      if (!bytes) return wrong;
      return Cell(std::move(*bytes));
    }
    case Type::bin:
    case Type::hash: {
      std::string bytes;
      if (!parse_base64(text, bytes)) return wrong;
      return Cell(std::move(bytes));
    }
    case Type::json: {
      auto made = parse_json_cell(text, column);
      if (!made) return wrong;
      return made;
    }
    case Type::str:
    case Type::text:
      return Cell(std::string(text));
    case Type::numbers: {
      const auto value = json::parse(text);
      if (!value || value->array() == nullptr) return wrong;
      return cell_of(*value, column);
    }
  }
  return wrong;
}

Result<Cell> parse_json_cell(std::string_view text, const schema::Column& column) {
  const auto value = json::parse(text);
  if (!value) return value.error();
  return json_cell(*value, column);
}

Number canonical_number(const Number& number) {
  const auto* real = std::get_if<double>(&number);
  if (real == nullptr) return number;
  const bool is_zero_below = *real == 0 && std::signbit(*real);
  if (std::trunc(*real) == *real && std::abs(*real) <= double{kExactMax} && !is_zero_below) {
    return static_cast<std::int64_t>(*real);
  }
  // Where its text is that of an integer, a database that keeps texts takes it for one.
  std::string text;
  json::append_number(text, *real);
  Number read;
  return parse_number(text, read) ? read : number;
}

Result<Numbers> parse_stored_numbers(std::string_view text) {
  auto frame = parse_frame(text, {});
  if (!frame) return std::move(frame).error();
  for (auto& number : frame->numbers) number = canonical_number(number);
  return std::move(frame->numbers);
}

void append_stored_numbers(std::string& out, const Numbers& numbers) {
  out += '[';
  for (const auto& number : numbers) {
    append_json(out, number);
    out += ',';
  }
  if (numbers.empty()) {
    out += ']';
  } else {
    out.back() = ']';
  }
}

}  // namespace unity::db::transfer
