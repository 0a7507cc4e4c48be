// Records as a dead letter keeps them, and back again, so that they can be replayed. A record that
// a stage refused is kept as it was emitted (record_writer.hpp); one that a storage refused is kept
// as it was processed, in the form of this header, which also says the kind and unit of each field
// and who spoke:
//   {"device", "plugin", "instance", "metric", "time", "time_text", "tags": {},
//    "fields": [{"name", "kind", "unit", "value", "type"}], "summary", "host_made"}
// A row of a dataset has "dataset" in place of "metric", and "sequence"; one that was refused when
// it was read is kept as {"dataset", "time", "row": {}}.
// Members that are empty are left out. "type" is there where the value alone does not say it:
// "u64" for a small number that is unsigned, "f64" for "NaN", "Infinity" and "-Infinity".
#pragma once

#include <string>
#include <string_view>

#include "unity/core/base/result.hpp"
#include "unity/core/model/record.hpp"

namespace unity::json {

std::string to_stored_json(const Record& record);
// The same record again, bit for bit (but text that is not UTF-8 has been repaired, and a NaN is
// any NaN). Errc::invalid says what is wrong and where.
Result<Record> from_stored_json(std::string_view text);

// What a dead letter's payload holds, in either form.
struct Payload {
  Record record;  // as emitted: without an origin, its time in time_text
  bool processed = false;
  // Of the dataset record.metric, as emitted: not a record yet. Without a time of its own it has
  // record.time.
  std::string row = {};
};

// A row as it was emitted, for a letter. `time` is what it has without one of its own.
std::string to_letter_json(std::string_view dataset, Time time, std::string_view row_json);

// Errc::invalid if the payload is no record: it was refused because it could not be read, or it
// was cut.
Result<Payload> read_payload(std::string_view text);

}  // namespace unity::json
