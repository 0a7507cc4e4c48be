// Which ranges of time get a partition: pure, told what day it is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/day.hpp"

namespace unity::db::postgres {

// From the start of `first` to the start of `end`.
struct DayRange {
  Day first;
  Day end;

  friend bool operator==(const DayRange&, const DayRange&) = default;
};

// The ranges that are there, and those that are missing.
class DayRanges {
 public:
  void clear() { ranges_.clear(); }
  void add(DayRange range);
  bool covers(Day day) const;
  // The range to be made for a day that none covers: the day itself near `today`; the whole year
  // if it is far away.
  DayRange range_for(Day day, Day today) const;
  bool empty() const { return ranges_.empty(); }

 private:
  std::vector<DayRange> ranges_;  // in order, apart from each other
};

// "metric_frames_p20260131", "metric_frames_p2019"
std::string partition_name(std::string_view table, const DayRange& range);

}  // namespace unity::db::postgres
