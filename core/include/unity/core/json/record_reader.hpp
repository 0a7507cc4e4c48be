// Reads what a collector emitted: JSON text in, records out. One bad record costs one record.
#pragma once

#include <memory>
#include <string>
#include <string_view>
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

inline constexpr const char* kTooManyRecords =
    "the run emitted too many records; this and what follows is lost";

struct ReadRecords {
  std::vector<Record> records;  // without an origin; `time` as emitted stays in time_text
  std::vector<UnreadableRecord> unreadable;
  std::vector<std::string_view> texts;  // of `records`, within the emission

  bool full() const { return records.size() + unreadable.size() >= kRecordsMax; }
};

// Reads one emission, a record at a time. The form of a record is documented at
// UNITY_DATASET_METRICS in unity/plugin.h. In a JSON array, a syntax error ends the reading: what
// came before it stands, the rest counts as one unreadable.
// A thread has one such reader at a time: they share the memory that they work in.
class RecordReader {
 public:
  // The emission must outlive this.
  explicit RecordReader(const Emission& emission);
  RecordReader(const RecordReader&) = delete;
  RecordReader& operator=(const RecordReader&) = delete;
  ~RecordReader();

  enum class Next : std::uint8_t { record, unreadable, end };
  // What comes next is in `record` or in `bad`. A record is filled in the memory that `record`
  // had, if it had been one before; all but its origin and host_made is set.
  Next next(Record& record, UnreadableRecord& bad);

  // The record that next() gave last, once more as it was emitted, whatever has become of it.
  Record emitted() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The whole emission at once.
void read_records(const Emission& emission, ReadRecords& out);

}  // namespace unity::json
