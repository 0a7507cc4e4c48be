// Which part of an answer comes from where: the numbers themselves, or what was computed of their
// hours and days. Pure. The answer is the same as of all numbers, as far as they are still there.
#pragma once

#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/core/ports/metric_query.hpp"

namespace unity::db {

// What a database has.
struct Stored {
  bool has_rollups = true;
  // Whether every hour with numbers was marked as dirty once. If not, nothing that was computed of
  // numbers that are still there is taken for complete.
  bool all_marked = true;
  // Before these, retention has dropped the numbers, the hours, the days.
  Time raw_from = Time::min();
  Time hours_from = Time::min();
  Time days_from = Time::min();
  // Those that changed since they were computed, or never were; by time, each once.
  std::vector<Time> dirty_hours{};
  std::vector<Time> dirty_days{};
};

// Of one resolution: its ends are those of hours or days.
struct Piece {
  Resolution resolution = Resolution::raw;
  Time from{};
  Time to{};
  bool operator==(const Piece&) const = default;
};

struct QueryPlan {
  Answered how;
  Time::duration step{};      // zero: all of the span is one bucket
  std::vector<Piece> pieces;  // by time, without gaps
};

// Of a span in buckets. Errc::invalid, with what would do, if `step` is shorter than what is left
// of the time asked for, or too short for kPointsMax.
Result<QueryPlan> plan_buckets(const BucketQuery& query, const Stored& stored);
// Of a span as a whole.
Result<QueryPlan> plan_whole(Time from, Time to, const Stored& stored);

// The beginning of the bucket that a moment lies in, before 1970 as well.
Time begin_of_bucket(Time time, Time::duration step);

}  // namespace unity::db
