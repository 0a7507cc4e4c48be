// A dataset: rows of a declared form that get a table of their own. A plugin's manifest declares
// it, or the operator's configuration; the form is the same and so is the reader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/time.hpp"
#include "unity/core/json/value.hpp"
#include "unity/core/model/record.hpp"

namespace unity {

inline constexpr std::size_t kDatasetsMax = 64;         // of one plugin
inline constexpr std::size_t kDatasetColumnsMax = 200;  // of one dataset
inline constexpr std::size_t kDatasetNameMax = 48;      // of datasets and columns
inline constexpr std::size_t kIdentityLengthMax = 512;  // characters, of all identity columns

enum class ColumnType : std::uint8_t {
  boolean,
  i16,  // each integer is wider than the one before
  i32,
  i64,
  f64,
  str,   // text of at most `length` characters
  text,  // of any length
  json,
  time,  // UTC in microseconds
};

// A type with its length: "i64", "str64".
struct ColumnForm {
  ColumnType type{};
  int length = 0;  // str only

  friend bool operator==(const ColumnForm&, const ColumnForm&) = default;
};
std::string to_text(const ColumnForm& form);
// Also the names that other descriptions of columns use: "int64", "float64", "string", "timestamp".
std::optional<ColumnForm> parse_column_form(std::string_view text);
// i16, i32, i64.
bool is_whole(ColumnType type);
// Whether such a column can hold the number.
bool fits(std::int64_t number, ColumnType type);
// Whether each value of `from` is one of `to` as well, with the same meaning.
bool is_wider(const ColumnForm& from, const ColumnForm& to);

struct DatasetColumn {
  std::string name;
  ColumnForm form;
  bool nullable = true;
  std::string unit;
  std::optional<Kind> metric;  // its numbers are a series as well: gauge, counter or boolean
  std::string value;           // an expression over records; only in the operator's own datasets

  friend bool operator==(const DatasetColumn&, const DatasetColumn&) = default;
};

enum class DatasetShape : std::uint8_t {
  timeseries,  // a row is what a thing was at a time; the same thing and time replaces it
  snapshot,    // the same, and all rows of a run have its time
  event,       // a row is something that happened: two alike are two
};
std::string_view to_text(DatasetShape shape);

// Whether columns that a later version adds, or changes, reach the table by themselves.
struct DatasetContract {
  bool columns_evolve = true;    // else new columns are refused
  bool data_type_evolve = true;  // else not even a wider type is taken

  friend bool operator==(const DatasetContract&, const DatasetContract&) = default;
};

// Where an operator's own dataset gets its rows from.
struct DatasetSource {
  std::string metric;    // records of this metric
  std::string instance;  // of this instance; empty: of any
  std::string where;     // a condition on the record; empty: none
  Duration window{};     // a row's time is cut down to it; zero: it is the record's

  friend bool operator==(const DatasetSource&, const DatasetSource&) = default;
};

struct DatasetSpec {
  std::string owner;  // the plugin's id, or kOperator
  std::string name;
  int version = 1;
  std::string description;
  DatasetShape shape = DatasetShape::timeseries;
  std::string time = "time";          // the column of a row's time
  std::vector<std::string> identity;  // columns that, with device and time, tell rows apart
  std::vector<DatasetColumn> columns;
  std::optional<Duration> retention;  // empty: rows stay
  DatasetContract contract;
  std::optional<DatasetSource> source;  // only of the operator's own

  const DatasetColumn* find(std::string_view column) const;
  bool is_identity(std::string_view column) const;
  // Whether some of its columns are series as well.
  bool has_metrics() const;

  friend bool operator==(const DatasetSpec&, const DatasetSpec&) = default;
};

// Who owns what the configuration declares.
inline constexpr std::string_view kOperator = "(configuration)";

struct DatasetProblem {
  std::string pointer;  // into the value: "/columns/3/type"
  std::string message;
};
// Reads and checks one dataset. `may_have_source` allows what only an operator may write. What is
// wrong is added to `problems`, and then the result is not to be used.
DatasetSpec read_dataset(const json::Value& value, bool may_have_source,
                         std::vector<DatasetProblem>& problems);

// The whole of it, as read_dataset() reads it; the same for equal specs.
std::string to_json(const DatasetSpec& spec);

}  // namespace unity
