#include "query/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/day.hpp"

namespace unity::db {
namespace {

using namespace std::chrono_literals;

constexpr Time::duration kHour = 1h;
constexpr Time::duration kDay = 24h;
constexpr Time::duration kRoundSteps[] = {
    1s,    2s,    5s, 10s, 15s, 30s, 1min, 2min,     5min,     10min,     15min,
    30min, kHour, 2h, 3h,  6h,  12h, kDay, 2 * kDay, 5 * kDay, 10 * kDay, 30 * kDay};

Time round_up(Time time, Time::duration step) {
  const auto begin = begin_of_bucket(time, step);
  return begin == time ? time : begin + step;
}

std::int64_t points(Time from, Time to, Time::duration step) {
  return (round_up(to, step) - begin_of_bucket(from, step)) / step;
}

// The shortest step for which something is left of all the time from `from` on.
Time::duration shortest_step(Time from, const Stored& stored) {
  if (!stored.has_rollups || from >= stored.raw_from) return Time::duration(1);
  return from >= stored.hours_from ? kHour : kDay;
}

Time::duration round_step(Time from, Time to, Time::duration shortest, std::size_t points_max) {
  const auto most = static_cast<std::int64_t>(std::max<std::size_t>(points_max, 1));
  for (const auto step : kRoundSteps) {
    if (step % shortest == 0ms && points(from, to, step) <= most) return step;
  }
  auto days = (to - from) / kDay / most + 1;  // years in few points
  while (points(from, to, days * kDay) > std::max<std::int64_t>(most, 2)) ++days;
  return days * kDay;
}

// The first of `times` that is not before `time`, or `otherwise`.
Time next_of(const std::vector<Time>& times, Time time, Time otherwise) {
  const auto found = std::lower_bound(times.begin(), times.end(), time);
  return found != times.end() ? std::min(*found, otherwise) : otherwise;
}

// The first of the dirty ones that is not before `time`, or `otherwise`.
Time next_dirty(const Stored& stored, const std::vector<Time>& times, Time time, Time otherwise) {
  return stored.all_marked ? next_of(times, time, otherwise) : std::min(time, otherwise);
}

class Cutter {
 public:
  Cutter(const Stored& stored, Resolution coarsest, Time to)
      : stored_(stored), coarsest_(coarsest), to_(to) {}

  std::vector<Piece> cut(Time from) {
    for (auto at = from; at < to_;) at = take(at);
    return std::move(pieces_);
  }

 private:
  // Returns the end of the piece that begins at `at`.
  Time take(Time at) {
    if (coarsest_ == Resolution::raw) return add(Resolution::raw, at, to_);
    if (coarsest_ == Resolution::day && begin_of_bucket(at, kDay) == at) {
      if (const auto end = end_of_days(at); end > at) return add(Resolution::day, at, end);
    }
    if (begin_of_bucket(at, kHour) == at) {
      if (const auto end = end_of_hours(at); end > at) return add(Resolution::hour, at, end);
    }
    return add(Resolution::raw, at, std::min(to_, round_up(at + Time::duration(1), kHour)));
  }

  Time end_of_days(Time at) const {
    const auto end = begin_of_bucket(to_, kDay);
    // Where hours are gone, what was computed of the day is all that is left.
    const auto fresh = round_up(std::max(at, std::min(stored_.hours_from, to_)), kDay);
    const auto hour = next_dirty(stored_, stored_.dirty_hours, fresh, end);
    return std::min(begin_of_bucket(hour, kDay),
                    next_dirty(stored_, stored_.dirty_days, fresh, end));
  }

  Time end_of_hours(Time at) const {
    auto end = begin_of_bucket(to_, kHour);
    if (coarsest_ == Resolution::day) {  // until days can go on
      const auto day = round_up(at + Time::duration(1), kDay);
      end = std::min(end, day);
    }
    const auto fresh = round_up(std::max(at, std::min(stored_.raw_from, to_)), kHour);
    return next_dirty(stored_, stored_.dirty_hours, fresh, end);
  }

  Time add(Resolution resolution, Time from, Time to) {
    if (!pieces_.empty() && pieces_.back().resolution == resolution) {
      pieces_.back().to = to;
    } else {
      pieces_.push_back({resolution, from, to});
    }
    return to;
  }

  const Stored& stored_;
  Resolution coarsest_;
  Time to_;
  std::vector<Piece> pieces_;
};

// Down to the beginning of what is left there.
Time widened_from(Time from, const Stored& stored) {
  const auto step = shortest_step(from, stored);
  return step < kHour ? from : begin_of_bucket(from, step);
}

Time widened_to(Time to, const Stored& stored) {
  const auto step = shortest_step(to - Time::duration(1), stored);
  return step < kHour ? to : round_up(to, step);
}

Result<void> check_span(Time from, Time to) {
  if (from < to) return {};
  return Error{Errc::invalid, fmt::format("the end {} is not after the beginning {}",
                                          to_rfc3339(to), to_rfc3339(from))};
}

void cut(QueryPlan& plan, Resolution coarsest, const Stored& stored) {
  auto& [from, to, resolution, complete_until] = plan.how;
  plan.pieces = Cutter(stored, coarsest, to).cut(from);
  for (const auto& piece : plan.pieces) resolution = std::max(resolution, piece.resolution);
  complete_until = next_dirty(stored, stored.dirty_hours, std::max(from, stored.raw_from), to);
}

Answered span_of(Time from, Time to, const Stored& stored) {
  Answered how;
  // What lies outside cannot be stored, and some of it not even be asked for.
  how.from = widened_from(std::max<Time>(from, kFirstDay), stored);
  how.to = widened_to(std::min<Time>(to, kEndDay), stored);
  return how;
}

}  // namespace

Time begin_of_bucket(Time time, Time::duration step) {
  const auto since = time.time_since_epoch();
  const auto beyond = since % step;
  return Time(since - (beyond < Time::duration::zero() ? beyond + step : beyond));
}

Result<QueryPlan> plan_buckets(const BucketQuery& query, const Stored& stored) {
  if (auto good = check_span(query.from, query.to); !good) return std::move(good).error();
  QueryPlan plan;
  plan.how = span_of(query.from, query.to, stored);
  const auto& how = plan.how;
  if (how.from >= how.to) return plan;
  const auto shortest = shortest_step(how.from, stored);
  if (query.step == Time::duration::zero()) {
    plan.step = round_step(how.from, how.to, shortest, query.points_max);
  } else if (query.step < Time::duration::zero()) {
    return Error{Errc::invalid, "a step is longer than nothing"};
  } else if (query.step % shortest != Time::duration::zero()) {
    return Error{Errc::invalid,
                 fmt::format("of the time from {} on, only what was computed of each {} is left: a "
                             "step must be a multiple of {}",
                             to_rfc3339(how.from), shortest == kHour ? "hour" : "day",
                             shortest == kHour ? "1h" : "1d")};
  } else {
    plan.step = query.step;
  }
  if (const auto count = points(how.from, how.to, plan.step);
      count > static_cast<std::int64_t>(BucketQuery::kPointsMax)) {
    return Error{
        Errc::invalid,
        fmt::format(
            "a step of {} gives {} points, at most {} are answered: the shortest "
            "round step for this time is {}",
            to_text(Duration(plan.step)), count, BucketQuery::kPointsMax,
            to_text(Duration(round_step(how.from, how.to, shortest, BucketQuery::kPointsMax))))};
  }
  auto coarsest = Resolution::raw;
  if (stored.has_rollups && plan.step % kHour == Time::duration::zero()) {
    coarsest = plan.step % kDay == Time::duration::zero() ? Resolution::day : Resolution::hour;
  }
  cut(plan, coarsest, stored);
  return plan;
}

Result<QueryPlan> plan_whole(Time from, Time to, const Stored& stored) {
  if (auto good = check_span(from, to); !good) return std::move(good).error();
  QueryPlan plan;
  plan.how = span_of(from, to, stored);
  if (plan.how.from >= plan.how.to) return plan;
  cut(plan, stored.has_rollups ? Resolution::day : Resolution::raw, stored);
  return plan;
}

}  // namespace unity::db
