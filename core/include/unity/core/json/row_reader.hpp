// Reads the rows of a dataset that a collector emitted: JSON objects in, rows by the dataset's
// columns out. One bad row costs one row.
#pragma once

#include <functional>
#include <string>

#include "unity/core/model/dataset.hpp"
#include "unity/core/model/record.hpp"
#include "unity/core/ports/collector.hpp"

namespace unity::json {

struct ReadRow {
  Record record;       // without an origin
  std::string device;  // as the row names it; empty: it does not

  // Of one that cannot be taken:
  // "unreadable", "undeclared", "missing", "wrong type", "out of range", "bad time"; else empty.
  std::string reason;
  std::string detail;  // a sentence for people
  std::string text;    // the row as emitted
};

struct RowOptions {
  Time time{};                // of rows without one of their own
  bool names_device = false;  // rows may have a member "device"
};

// Calls `each` with every row of the emission, and with the first of those that are more than
// kRecordsMax. In a JSON array a syntax error costs all of it.
void read_rows(const Emission& emission, const DatasetSpec& dataset, const RowOptions& options,
               const std::function<void(ReadRow&&)>& each);

}  // namespace unity::json
