// What is asked of stored numbers over time, and what is answered.
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/time.hpp"
#include "unity/core/model/record.hpp"

namespace unity {

// Which series. What is empty narrows nothing; a source may have more tags than `tags`.
struct SeriesFilter {
  SeriesFilter() = default;
  // A metric is a filter.
  SeriesFilter(std::string_view of_metric) : metric(of_metric) {}  // NOLINT(*-explicit-*)
  SeriesFilter(const char* of_metric) : metric(of_metric) {}       // NOLINT(*-explicit-*)

  std::string metric;
  std::string field;
  std::string device;
  std::string plugin;
  std::string instance;
  Tags tags;
};

struct SeriesName {
  std::string device;
  std::string plugin;
  std::string instance;
  std::string metric;
  std::string field;
  std::string unit;
  Kind kind = Kind::gauge;
  Tags tags;
};

// What is made of the numbers of a bucket. An average is the sum of all by how many they are.
enum class Aggregate : std::uint8_t { avg, min, max, sum, count, last };
inline constexpr std::string_view kAggregates[] = {"avg", "min", "max", "sum", "count", "last"};
constexpr std::string_view to_text(Aggregate aggregate) {
  return kAggregates[static_cast<std::size_t>(aggregate)];
}
constexpr std::optional<Aggregate> parse_aggregate(std::string_view text) {
  for (std::size_t i = 0; i < std::size(kAggregates); ++i) {
    if (kAggregates[i] == text) return static_cast<Aggregate>(i);
  }
  return std::nullopt;
}

// What an answer was computed of: the numbers as stored, or what was computed of each hour or day.
enum class Resolution : std::uint8_t { raw, hour, day };
constexpr std::string_view to_text(Resolution resolution) {
  return resolution == Resolution::raw ? "raw" : resolution == Resolution::hour ? "1h" : "1d";
}

// The numbers with from <= time < to, in buckets of `step` that are counted from 1970, UTC.
struct BucketQuery {
  SeriesFilter series;
  Time from{};
  Time to{};
  Aggregate aggregate = Aggregate::avg;
  Time::duration step{};         // zero: the shortest round one that gives at most `points_max`
  std::size_t points_max = 300;  // of a series; of a `step` that is given, at most kPointsMax
  static constexpr std::size_t kPointsMax = 11'000;
  static constexpr std::size_t kAnswerMax = 2'000'000;  // of all series
};

struct Bucket {
  Time begin{};
  std::int64_t n = 0;  // never 0: a bucket without a number is not there
  double value = 0;
};

struct SeriesBuckets {
  SeriesName name;
  std::vector<Bucket> buckets;  // by time
};

// How an answer came about.
struct Answered {
  // As asked, but for ends within an hour or day of which only the rollup is left: then all of it.
  Time from{};
  Time to{};
  // The coarsest that was used. Its answer is that of all numbers: what of an hour or a day has not
  // been computed yet, or is only a part of it, was read as the numbers are stored.
  Resolution resolution = Resolution::raw;
  Time complete_until{};  // before it, everything had been computed; `to` if all of it
};

struct BucketAnswer {
  Answered how;
  Time::duration step{};
  std::vector<SeriesBuckets> series;  // those with a number; by name
};

// The `count` series that have the highest aggregate of the whole span, or the lowest.
struct TopQuery {
  SeriesFilter series;
  Time from{};
  Time to{};
  Aggregate aggregate = Aggregate::avg;
  std::size_t count = 10;
  bool lowest = false;
};

struct RankedSeries {
  SeriesName name;
  std::int64_t n = 0;
  double value = 0;
};

struct TopAnswer {
  Answered how;
  std::vector<RankedSeries> series;  // the first first; by name among equals
};

}  // namespace unity
