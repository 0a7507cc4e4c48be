#include "postgres/day_ranges.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace unity::db::postgres {
namespace {

using std::chrono::days;
using std::chrono::year_month_day;

bool before(const DayRange& range, Day day) { return range.end <= day; }

}  // namespace

void DayRanges::add(DayRange range) {
  ranges_.insert(std::lower_bound(ranges_.begin(), ranges_.end(), range.first, before), range);
}

bool DayRanges::covers(Day day) const {
  const auto found = std::lower_bound(ranges_.begin(), ranges_.end(), day, before);
  return found != ranges_.end() && found->first <= day;
}

DayRange DayRanges::range_for(Day day, Day today) const {
  const DayRange one{day, day + days(1)};
  if (is_near(day, today)) return one;
  const auto year = year_month_day(day).year();
  const DayRange whole{Day(year / 1 / 1), Day((year + std::chrono::years(1)) / 1 / 1)};
  const auto next = std::lower_bound(ranges_.begin(), ranges_.end(), whole.first, before);
  const bool overlaps = next != ranges_.end() && next->first < whole.end;
  return overlaps ? one : whole;
}

std::string partition_name(std::string_view table, const DayRange& range) {
  auto date = compact_date(range.first);
  if (range.end - range.first > days(1)) date.resize(4);
  return fmt::format("{}_p{}", table, date);
}

}  // namespace unity::db::postgres
