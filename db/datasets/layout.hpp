// The table of a dataset as it is: what all versions that were applied have made of it. Kept as
// JSON in `datasets.spec`, so that it is known whatever plugin is there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/model.hpp"
#include "unity/core/base/result.hpp"
#include "unity/core/model/dataset.hpp"

namespace unity::db {

// How the names of their tables begin, and of no others.
inline constexpr std::string_view kDatasetTables = "ds_";

struct LayoutColumn {
  std::string name;
  ColumnForm form;
  bool nullable = true;   // in the table; one that was added later is, whatever is declared
  bool required = false;  // as declared
  std::string unit;
  std::string variant_of;             // the column whose later type this has; empty: none
  std::optional<Time> deprecated_at;  // no longer declared since: kept, and not written

  bool is_deprecated() const { return deprecated_at.has_value(); }

  friend bool operator==(const LayoutColumn&, const LayoutColumn&) = default;
};

struct Layout {
  std::string dataset;
  int version = 0;  // the newest that was applied
  DatasetShape shape{};
  std::string time;
  std::vector<std::string> identity;
  std::vector<LayoutColumn> columns;

  std::string table() const { return std::string(kDatasetTables) + dataset; }
  const LayoutColumn* find(std::string_view column) const;
  LayoutColumn* find(std::string_view column);
  bool is_identity(std::string_view column) const;

  friend bool operator==(const Layout&, const Layout&) = default;
};

Layout layout_of(const DatasetSpec& spec);

std::string to_json(const Layout& layout);
Result<Layout> parse_layout(std::string_view json);

// "ds_…": key device_id, identity, time, and of events seq.
schema::Table table_of(const Layout& layout);
// By time alone, which the key does not begin with: what is old is found by it.
schema::Index time_index_of(const Layout& layout);
// The view of the plain name: times to read, the device's name, and columns whose type has changed
// as one.
schema::View view_of(const Layout& layout, Dialect dialect);
// All of them, for comparing.
void add_to(schema::Schema& schema, const Layout& layout, Dialect dialect);

}  // namespace unity::db
