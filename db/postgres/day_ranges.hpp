// Which ranges of time get a partition: pure, told what day it is.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/time.hpp"

namespace unity::db::postgres {

using Day = std::chrono::sys_days;

// From the start of `first` to the start of `end`.
struct DayRange {
  Day first;
  Day end;

  friend bool operator==(const DayRange&, const DayRange&) = default;
};

// RFC 3339 can write the years 1 to 9999; no row lies outside.
inline constexpr Day kFirstDay{std::chrono::year(1) / 1 / 1};
inline constexpr Day kEndDay{std::chrono::year(10'000) / 1 / 1};
inline bool is_storable(Time time) { return time >= kFirstDay && time < kEndDay; }

// So many days are there before the first row of theirs comes.
inline constexpr std::chrono::days kDaysAhead{7};

// The ranges that are there, and those that are missing.
class DayRanges {
 public:
  void clear() { ranges_.clear(); }
  void add(DayRange range);
  bool covers(Day day) const;
  // The range to be made for a day that none covers: the day itself near `today`; the whole year
  // if it is far away, as there may be many such days and few rows in each.
  DayRange range_for(Day day, Day today) const;
  bool empty() const { return ranges_.empty(); }

 private:
  std::vector<DayRange> ranges_;  // in order, apart from each other
};

// "metric_frames_p20260131", "metric_frames_p2019"
std::string partition_name(std::string_view table, const DayRange& range);
// "2026-01-31"
std::string to_date(Day day);

}  // namespace unity::db::postgres
