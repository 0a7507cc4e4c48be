// `unity db report`: what takes room, and what is slow.
#include "unity/db/report.hpp"

#include <fmt/format.h>

#include "base/table.hpp"
#include "base/words.hpp"
#include "commands/db_support.hpp"

namespace unity::host {
namespace {

using Kind = db::ReportColumn::Kind;

std::string to_time(const json::Value& micros) {
  return to_rfc3339(Time(std::chrono::microseconds(micros.integer())));
}

std::string to_cell(const json::Value& value, Kind kind) {
  if (value.is_null()) return "-";
  switch (kind) {
    case Kind::text:
      return value.string() != nullptr ? *value.string() : "-";
    case Kind::integer:
      return fmt::to_string(value.integer());
    case Kind::real:
      return fmt::format("{:.2f}", value.number());
    case Kind::bytes:
      return bytes_text(static_cast<std::uint64_t>(value.integer()));
    case Kind::time:
      return to_time(value);
  }
  return {};
}

json::Value to_json(const db::ReportSection& section) {
  json::Array rows;
  for (const auto& row : section.rows) {
    json::Value object{json::Object()};
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto& column = section.columns[i];
      const bool is_time = column.kind == Kind::time && !row[i].is_null();
      object.set(column.name, is_time ? json::Value(to_time(row[i])) : row[i]);
    }
    rows.push_back(std::move(object));
  }
  return json::Object{{"rows", std::move(rows)}, {"note", text_or_null(section.note)}};
}

std::string to_text(const db::ReportSection& section) {
  auto text = section.title + "\n";
  std::vector<std::string> headings;
  for (const auto& column : section.columns) headings.push_back(column.name);
  Table table(std::move(headings));
  for (const auto& row : section.rows) {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < row.size(); ++i) {
      cells.push_back(to_cell(row[i], section.columns[i].kind));
    }
    table.add(std::move(cells));
  }
  if (!table.empty()) text += table.to_text();
  if (!section.note.empty()) text += fmt::format("({})\n", section.note);
  if (table.empty() && section.note.empty()) text += "(nothing)\n";
  return text + "\n";
}

}  // namespace

int db_report_command(const DbOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    const auto server = db::read_server(database);
    if (!server) return report(server.error());
    const auto found = db::read_report(database, options.top);
    if (!found) return report(found.error());
    if (options.common.json) {
      json::Value all{json::Object{{"place", server->place},
                                   {"product", server->product},
                                   {"version", server->version},
                                   {"bytes", server->bytes}}};
      for (const auto& section : found->sections) all.set(section.name, to_json(section));
      print_json(all);
      return kExitDone;
    }
    print(fmt::format("{}: {} {}, {}\n\n", server->place, server->product, server->version,
                      bytes_text(static_cast<std::uint64_t>(server->bytes))));
    for (const auto& section : found->sections) print(to_text(section));
    return kExitDone;
  });
}

}  // namespace unity::host
