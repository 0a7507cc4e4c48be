#include "base/day.hpp"

#include <fmt/format.h>

namespace unity::db {
namespace {

using std::chrono::days;

constexpr days kNearPast{366};
constexpr days kNearFuture{31};

std::string format_day(fmt::format_string<int, unsigned, unsigned> format, Day day) {
  const std::chrono::year_month_day date(day);
  return fmt::format(format, static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

}  // namespace

bool is_near(Day day, Day today) { return day >= today - kNearPast && day <= today + kNearFuture; }

std::string to_date(Day day) { return format_day("{:04}-{:02}-{:02}", day); }

std::string compact_date(Day day) { return format_day("{:04}{:02}{:02}", day); }

}  // namespace unity::db
