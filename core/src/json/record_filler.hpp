// A record from its JSON text, in the memory of an older record. Records of a metric are written
// alike: the names of one are expected again in the next. Private to core/src/json.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "scanner.hpp"
#include "unity/core/model/record.hpp"

namespace unity::json {

class RecordFiller {
 public:
  // False if anything is out of the ordinary, even if it may be right: `record` and the scanner's
  // place are then undefined.
  bool fill(Scanner& in, Record& record);

 private:
  // What the last record of a metric had, in the order in which it was written, if that was done
  // without escapes. No name is there twice.
  struct Layout {
    Name metric;
    std::vector<Name> fields;
    std::vector<Name> tags;
    std::vector<Name> sorted_tags;
    std::vector<std::size_t> places;  // of each of `tags` among `sorted_tags`
  };

  template <class Each>
  static bool each_member(Scanner& in, Each each);
  bool fill_metric(Scanner& in, Record& record);
  bool fill_tags(Scanner& in, Tags& tags);
  bool fill_expected_tags(Scanner& in, Tags& tags);
  void expect_tags(const Tags& tags);
  bool fill_value(Scanner& in, Record& record);
  bool fill_values(Scanner& in, Record& record);
  Field& add_field(const Name& name, Record& record);
  static bool fill_time(Scanner& in, Record& record);
  bool names_differ(const Record& record);

  static constexpr std::size_t kLayouts = 16;  // more metrics than that share them
  std::array<Layout, kLayouts> layouts_;
  Layout* layout_ = &layouts_[0];
  std::size_t fields_ = 0;   // of the record being filled
  bool as_expected_ = true;  // their names are those of the layout
  bool plain_ = true;        // and were all written without escapes
  std::vector<Name> tags_;   // as written
};

}  // namespace unity::json
