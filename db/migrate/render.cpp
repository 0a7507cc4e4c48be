#include "migrate/render.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "migrate/checksum.hpp"

namespace unity::db {

std::string render(const Op& op, Dialect dialect) {
  switch (dialect) {
    case Dialect::postgresql:
      return render_postgresql(op);
    case Dialect::sqlite:
      return render_sqlite(op);
  }
  return {};
}

std::string render(const Migration& migration, Dialect dialect) {
  auto sql = fmt::format("-- {:04} {}, {}\n-- checksum {}\n", migration.seq, migration.name,
                         to_text(dialect), to_hex(checksum(migration.ops(), dialect)));
  for (const auto& op : migration.ops()) sql += "\n" + render(op, dialect) + ";\n";
  return sql;
}

std::string_view body_for(const CreateView& view, Dialect dialect) {
  const auto body = std::find_if(view.bodies.begin(), view.bodies.end(),
                                 [dialect](const ViewBody& one) { return one.dialect == dialect; });
  assert(body != view.bodies.end());
  return body->select;
}

std::vector<std::string_view> split_columns(std::string_view columns) {
  std::vector<std::string_view> names;
  while (!columns.empty()) {
    const auto end = std::min(columns.find(", "), columns.size());
    names.push_back(columns.substr(0, end));
    columns.remove_prefix(std::min(end + 2, columns.size()));
  }
  return names;
}

std::string quote_columns(std::string_view columns) {
  std::string quoted;
  for (const auto name : split_columns(columns)) {
    quoted += fmt::format("{}\"{}\"", quoted.empty() ? "" : ", ", name);
  }
  return quoted;
}

}  // namespace unity::db
