#include "transfer/csv.hpp"

#include <algorithm>

#include "transfer/canonical.hpp"

namespace unity::db::transfer {
namespace {

bool needs_quotes(std::string_view text) {
  return text.empty() || text.find_first_of(",\"\r\n") != text.npos;
}

void append_quoted_field(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

struct Field {
  std::string text;
  bool quoted = false;
};

// Takes a field off the front of `rest`, and the comma after it; false if there is no such field.
bool take_field(std::string_view& rest, Field& field) {
  field.text.clear();
  field.quoted = rest.starts_with('"');
  if (!field.quoted) {
    const auto end = std::min(rest.find(','), rest.size());
    field.text = rest.substr(0, end);
    rest.remove_prefix(end);
    return true;
  }
  rest.remove_prefix(1);
  while (true) {
    const auto quote = rest.find('"');
    if (quote == rest.npos) return false;
    field.text += rest.substr(0, quote);
    rest.remove_prefix(quote + 1);
    if (!rest.starts_with('"')) return rest.empty() || rest.front() == ',';
    field.text += '"';
    rest.remove_prefix(1);
  }
}

}  // namespace

void append_csv_header(std::string& out, const schema::Table& table) {
  for (const auto& column : table.columns) {
    if (&column != &table.columns.front()) out += ',';
    out += column.name;
  }
}

void append_csv_row(std::string& out, const schema::Table& table, const Row& row) {
  std::string text;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out += ',';
    if (is_null(row[i])) continue;
    text.clear();
    append_cell_text(text, table.columns[i], row[i]);
    needs_quotes(text) ? append_quoted_field(out, text) : void(out += text);
  }
}

Result<void> parse_csv_row(std::string_view record, const schema::Table& table, Row& row) {
  row.clear();
  Field field;
  auto rest = record;
  for (const auto& column : table.columns) {
    const bool is_first = &column == &table.columns.front();
    if (!is_first && !rest.starts_with(',')) return Error{Errc::invalid, "a field is missing"};
    if (!is_first) rest.remove_prefix(1);
    if (!take_field(rest, field)) return Error{Errc::invalid, "a quote is missing"};
    if (field.text.empty() && !field.quoted) {
      row.emplace_back();
      continue;
    }
    auto cell = parse_cell_text(field.text, column);
    if (!cell) return std::move(cell).error();
    row.push_back(std::move(*cell));
  }
  if (!rest.empty()) return Error{Errc::invalid, "there are more fields than columns"};
  return {};
}

bool has_odd_quotes(std::string_view line) {
  return std::count(line.begin(), line.end(), '"') % 2 != 0;
}

}  // namespace unity::db::transfer
