// A frame: everything known of one source at one moment, and its form in the database.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "frames/number.hpp"
#include "unity/core/base/result.hpp"

namespace unity::db {

struct FrameText {
  std::string metric;
  std::string field;
  std::string value;
};

struct Frame {
  std::vector<Number> numbers;  // by position; may be shorter than the source's series
  std::vector<FrameText> texts;

  bool empty() const { return numbers.empty() && texts.empty(); }
  // Absent if there is none; `position` may be kNoPosition.
  Number number(int position) const;
  void set_number(int position, const Number& number);
  const std::string* text(std::string_view metric, std::string_view field) const;
};

// "[21.5,null,3]"
void append_vals(std::string& out, const Frame& frame);
// {"metric":{"field":"text"}}; nothing if the frame has no texts.
void append_doc(std::string& out, const Frame& frame);
// Reads both back. `doc` is empty where the database has NULL.
Result<Frame> parse_frame(std::string_view vals, std::string_view doc);

}  // namespace unity::db
