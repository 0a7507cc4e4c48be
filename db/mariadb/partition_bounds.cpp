#include "mariadb/partition_bounds.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace unity::db::mariadb {
namespace {

using std::chrono::days;
using std::chrono::year_month_day;

// Nobody can use the table while the rows of a partition are copied.
constexpr std::int64_t kCopiedMax = 100'000;

std::string define(std::string_view name, Time end) {
  return fmt::format("PARTITION `{}` VALUES LESS THAN ({})", name, end.time_since_epoch().count());
}

std::string name_of(Day day) { return "p" + compact_date(day); }

}  // namespace

void PartitionBounds::add(std::string name, Time end, std::int64_t rows) {
  partitions_.push_back({std::move(name), end, rows});
}

std::vector<std::string> PartitionBounds::prepare(std::string_view table, Time last, Day today) {
  std::vector<std::string> statements;
  std::string added;
  const auto append = [&](std::string name, Day end) {
    added += fmt::format("{}{}", added.empty() ? "" : ", ", define(name, end));
    add(std::move(name), end, 0);
  };
  for (auto day = today; day <= today + kDaysAhead; day += days(1)) {
    if (!holds(day + days(1) - Time::duration(1))) {
      append(name_of(day), day + days(1));
    } else if (added.empty()) {
      cut(table, day, statements);
    }
  }
  if (const auto day = std::chrono::floor<days>(last); !holds(last)) {
    // Near days that are missing in between share the partition of the next one that is there.
    const auto year = year_month_day(day).year();
    is_near(day, today)
        ? append(name_of(day), day + days(1))
        : append("p" + compact_date(day).substr(0, 4), Day((year + std::chrono::years(1)) / 1 / 1));
  }
  if (!added.empty()) {
    statements.push_back(fmt::format("ALTER TABLE `{}` ADD PARTITION ({})", table, added));
  }
  return statements;
}

void PartitionBounds::cut(std::string_view table, Day day, std::vector<std::string>& statements) {
  const Time end = day + days(1);
  const auto found =
      std::lower_bound(partitions_.begin(), partitions_.end(), end,
                       [](const Partition& partition, Time time) { return partition.end < time; });
  // The first one is for all that is old; the clock may be wrong that is told to us.
  if (found == partitions_.begin() || found->end == end || found->rows > kCopiedMax) return;
  statements.push_back(fmt::format("ALTER TABLE `{}` REORGANIZE PARTITION `{}` INTO ({}, {})",
                                   table, found->name, define(name_of(day), end),
                                   define(found->name, found->end)));
  partitions_.insert(found, {name_of(day), end, 0});
}

}  // namespace unity::db::mariadb
