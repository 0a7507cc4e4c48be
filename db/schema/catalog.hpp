// What a database says that it has, in its own words: read from its catalog, or worked out from a
// schema. Names of constraints do not count, what they say does.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schema/model.hpp"

namespace unity::db::schema {

struct CatalogColumn {
  std::string name;
  std::string type;
  bool nullable = false;
  std::string default_value;
};

struct CatalogTable {
  std::vector<CatalogColumn> columns;
  std::string primary_key;             // "device_id, time"
  std::string partition_by;            // empty: not partitioned
  std::set<std::string> uniques;       // "device_id, instance"
  std::set<std::string> foreign_keys;  // "device_id -> devices (device_id) ON DELETE CASCADE"
  std::vector<std::string> checks;     // expressions
  std::map<std::string, std::string> indexes;  // name -> "device_id, time"
};

struct Catalog {
  std::map<std::string, CatalogTable> tables;
  std::set<std::string> views;
};

// A difference between a database and what it should be.
struct Drift {
  std::string table;  // or view
  std::string part;   // "column metadata", "index ix_…"; empty: the table itself
  // "missing", "unexpected", "type", "nullability", "default", "different"; "orphan": a table that
  // looks like a dataset's and is none's.
  std::string kind;
  std::string wanted;  // empty if unexpected
  std::string found;   // empty if missing
};

// In the order of tables and columns.
std::vector<Drift> compare(const Catalog& wanted, const Catalog& found);

// "column metadata of table devices is missing"
std::string to_text(const Drift& drift);

std::string join(const Names& names);
std::string describe(const ForeignKey& key);

}  // namespace unity::db::schema
