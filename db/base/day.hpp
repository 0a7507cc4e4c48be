// Days of UTC, by which tables are cut into partitions: pure, told what day it is.
#pragma once

#include <chrono>
#include <string>

#include "unity/core/base/time.hpp"

namespace unity::db {

using Day = std::chrono::sys_days;

// RFC 3339 can write the years 1 to 9999; a database that partitions by time keeps no other.
inline constexpr Day kFirstDay{std::chrono::year(1) / 1 / 1};
inline constexpr Day kEndDay{std::chrono::year(10'000) / 1 / 1};
inline bool is_storable(Time time) { return time >= kFirstDay && time < kEndDay; }

// So many days are there before the first row of theirs comes.
inline constexpr std::chrono::days kDaysAhead{7};
// Near today a day gets a partition of its own. Days further away share one for their year: there
// may be many of them, as a broken clock has it, and few rows in each.
bool is_near(Day day, Day today);

// "2026-01-31"
std::string to_date(Day day);
// "20260131", as the names of partitions say it.
std::string compact_date(Day day);

}  // namespace unity::db
