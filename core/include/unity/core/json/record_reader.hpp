// Reads what a collector emitted: JSON text in, records out. One bad record costs one record.
#pragma once

#include <string>
#include <vector>

#include "unity/core/model/record.hpp"
#include "unity/core/ports/collector.hpp"

namespace unity::json {

// The largest record accepted, in bytes of JSON.
inline constexpr std::size_t kRecordSizeMax = std::size_t{1} << 20;

// The most records read from one emission, so that a flood of tiny ones cannot fill the memory.
// Those beyond count as one unreadable record.
inline constexpr std::size_t kRecordsMax = 100'000;

struct UnreadableRecord {
  std::string detail;  // what is wrong and where in the record
  std::string text;    // the record as emitted
};

struct ReadRecords {
  std::vector<Record> records;  // without an origin; `time` as emitted stays in time_text
  std::vector<UnreadableRecord> unreadable;

  bool full() const { return records.size() + unreadable.size() >= kRecordsMax; }
};

// The form of a record is documented at UNITY_DATASET_METRICS in unity/plugin.h. In a JSON array,
// a syntax error ends the reading: what came before it stands, the rest counts as one unreadable.
void read_records(const Emission& emission, ReadRecords& out);

}  // namespace unity::json
