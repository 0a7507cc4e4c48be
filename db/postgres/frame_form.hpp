// A frame as its row holds it: the numbers as doubles, in binary; texts as JSON, and with them the
// exact form of each integer that a double would round: {"metric":{"field":18446744073709551615}}.
#pragma once

#include <string>
#include <string_view>

#include "frames/frame.hpp"
#include "frames/source.hpp"
#include "unity/core/base/result.hpp"

namespace unity::db::postgres {

// The bytes of a double precision[].
void append_numbers(std::string& out, const Frame& frame);
// Reads them back.
Result<void> read_numbers(std::string_view vals, std::vector<Number>& numbers);
// Whether a double would round it.
bool needs_exact_form(const Number& number);
// The text of the JSON; nothing if the row has none.
void append_texts(std::string& out, const Frame& frame, const Source& source);

// Reads both back. Exact integers of fields that `source` does not have are left out.
Result<Frame> read_frame(std::string_view vals, std::string_view doc, const Source& source);

}  // namespace unity::db::postgres
