// A record from a parsed JSON object, in the memory of an older record. Private to core/src/json.
#pragma once

#include <simdjson.h>

#include <array>
#include <string>
#include <vector>

#include "unity/core/model/record.hpp"

namespace unity::json {

class DomRecordFiller {
 public:
  // False if anything is out of the ordinary, even if it may be right: `record` is then undefined.
  bool fill(const simdjson::dom::element& element, Record& record);

 private:
  bool fill_tags(const simdjson::dom::element& element, Record& record);
  bool fill_values(const simdjson::dom::element& element, Record& record);
  bool fill_time(const simdjson::dom::element& element, Record& record);
  bool add_field(std::string_view name, const simdjson::dom::element& element, Record& record);
  bool names_differ(const Record& record);

  std::size_t fields_ = 0;  // of the record being filled
  // Names that were found to differ, so that the next record of the kind is not searched again.
  std::array<std::vector<std::string>, 16> known_names_;
};

}  // namespace unity::json
