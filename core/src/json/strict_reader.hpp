// The reader that can say what is wrong with a record and where. It reads again what the fast one
// did not take. Private to core/src/json.
#pragma once

#include <string_view>

#include "unity/core/json/record_reader.hpp"

namespace unity::json {

// One record, or an array of them if `in_array`.
void read_strictly(std::string_view text, bool in_array, ReadRecords& out);

}  // namespace unity::json
