// Writes a record back as JSON.
#pragma once

#include <string>

#include "unity/core/model/record.hpp"

namespace unity::json {

// A record as a collector would have emitted it: for the dead-letter file and for `plugin run`.
std::string to_json(const Record& record);

}  // namespace unity::json
