#include "rollup/rollup_job.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/day.hpp"

namespace unity::db {
namespace {

// So many at a time: what is held in memory, and how long a transaction takes.
constexpr std::size_t kSourcesPerPage = 50;
constexpr std::size_t kSeriesPerPage = 500;
constexpr std::size_t kHoursPerPage = 100;

class Job {
 public:
  Job(RollupStore& store, const std::atomic<bool>& stop, RollupOutcome& outcome)
      : store_(store), stop_(stop), outcome_(outcome) {}

  Result<void> hour(const DirtyBucket& bucket) {
    auto computed = pages(
        [&](std::int64_t after) {
          return store_.numbers(bucket.bucket, bucket.bucket + length_of(Tier::hour), after,
                                kSourcesPerPage,
                                [this](std::int64_t series, Time time, double value) {
                                  of(series).add(time, value);
                                });
        },
        Tier::hour, bucket.bucket);
    if (!computed || stop_) return computed;
    ++outcome_.hours;
    return store_.settle(Tier::hour, bucket, bucket_of(Tier::day, bucket.bucket));
  }

  Result<void> day(const DirtyBucket& bucket) {
    auto computed = pages(
        [&](std::int64_t after) {
          return store_.rollups(Tier::hour, bucket.bucket, bucket.bucket + length_of(Tier::day),
                                after, kSeriesPerPage,
                                [this](const Rollup& hour) { of(hour.series_id).add(hour); });
        },
        Tier::day, bucket.bucket);
    if (!computed || stop_) return computed;
    ++outcome_.days;
    return store_.settle(Tier::day, bucket, std::nullopt);
  }

 private:
  // Reads page by page, and writes what each gave; if stopped, not all of them.
  template <class Read>
  Result<void> pages(Read read, Tier tier, Time bucket) {
    for (std::int64_t after = 0;;) {
      rollups_.clear();
      index_.clear();
      auto last = read(after);
      if (!last) return std::move(last).error();
      if (!rollups_.empty()) {
        if (auto done = store_.replace(tier, bucket, rollups_); !done) return done;
        outcome_.rows += rollups_.size();
      }
      if (!*last || stop_) return {};
      after = **last;
    }
  }

  Rollup& of(std::int64_t series) {
    const auto [at, is_new] = index_.try_emplace(series, rollups_.size());
    if (is_new) rollups_.push_back({series});
    return rollups_[at->second];
  }

  RollupStore& store_;
  const std::atomic<bool>& stop_;
  RollupOutcome& outcome_;
  std::vector<Rollup> rollups_;  // of the page
  std::unordered_map<std::int64_t, std::size_t> index_;
};

// Before these, what an hour or a day is made of may be gone: what was computed is all there is.
struct Gone {
  Time hours = Time::min();
  Time days = Time::min();
};

Result<Gone> read_gone(RollupStore& store) {
  Gone gone;
  const auto take = [&store](std::string_view table, Time& into) -> Result<void> {
    auto before = store.dropped_before(table);
    if (!before) return std::move(before).error();
    if (*before) into = std::max(into, **before);
    return {};
  };
  if (auto done = take("metric_rollup_1h", gone.days); !done) return std::move(done).error();
  gone.hours = gone.days;
  if (auto done = take("metric_frames", gone.hours); !done) return std::move(done).error();
  if (auto done = take("metric_rollup_1d", gone.days); !done) return std::move(done).error();
  return gone;
}

// Marks what an earlier version of unity stored without marks, once in the life of a database, by
// pages. False if stopped: then the next time goes through the hours again, and marks the others.
Result<bool> mark_unmarked(RollupStore& store, Time now, const std::atomic<bool>& stop) {
  auto done = store.all_marked();
  if (!done || *done) return done;
  const auto gone = read_gone(store);
  if (!gone) return gone.error();
  std::vector<Time> hours;
  for (auto from = std::max<Time>(kFirstDay, gone->hours); !stop;) {
    auto frame = store.next_frame(from);
    if (!frame) return std::move(frame).error();
    if (*frame) {
      hours.push_back(bucket_of(Tier::hour, **frame));
      from = hours.back() + length_of(Tier::hour);
      if (hours.size() < kHoursPerPage) continue;
    }
    if (auto marked = store.mark(hours); !marked) return std::move(marked).error();
    hours.clear();
    if (*frame) continue;
    if (auto noted = store.set_all_marked(now); !noted) return std::move(noted).error();
    return true;
  }
  return false;
}

// Those of a tier that begin before `before`. How many there were, at most `buckets_max`.
Result<std::size_t> compute(RollupStore& store, Tier tier, Time before, std::size_t buckets_max,
                            const std::atomic<bool>& stop, RollupOutcome& outcome) {
  const auto gone = read_gone(store);
  if (!gone) return gone.error();
  auto buckets = store.dirty(tier, before, buckets_max);
  if (!buckets) return std::move(buckets).error();
  Job job(store, stop, outcome);
  for (const auto& bucket : *buckets) {
    if (stop) break;
    const bool is_hour = tier == Tier::hour;
    const bool is_gone = bucket.bucket < (is_hour ? gone->hours : gone->days);
    auto done = is_gone   ? store.settle(tier, bucket, std::nullopt)
                : is_hour ? job.hour(bucket)
                          : job.day(bucket);
    if (!done) return std::move(done).error();
  }
  return buckets->size();
}

Result<void> run(RollupStore& store, Time now, Time::duration grace, std::size_t buckets_max,
                 const std::atomic<bool>& stop, RollupOutcome& outcome) {
  auto marked = mark_unmarked(store, now, stop);
  if (!marked) return std::move(marked).error();
  outcome.more = !*marked;
  if (outcome.more) return {};
  const auto closed = now - grace - length_of(Tier::hour) + Time::duration(1);
  auto hours = compute(store, Tier::hour, closed, buckets_max, stop, outcome);
  if (!hours) return std::move(hours).error();
  // A day is computed as far as it has got, so that it can be looked at before it is over.
  auto days = compute(store, Tier::day, now, buckets_max, stop, outcome);
  if (!days) return std::move(days).error();
  outcome.more = *hours == buckets_max || *days == buckets_max;
  return {};
}

}  // namespace

Result<RollupOutcome> roll_up(RollupStore& store, Time now, Time::duration grace,
                              std::size_t buckets_max, const std::atomic<bool>& stop) {
  RollupOutcome outcome;
  auto mine = store.try_lock();
  if (!mine) return std::move(mine).error();
  outcome.somebody_else = !*mine;
  if (!*mine) return outcome;
  auto done = run(store, now, grace, buckets_max, stop, outcome);
  auto unlocked = store.unlock();
  if (!done) return std::move(done).error();
  if (!unlocked) return std::move(unlocked).error();
  return outcome;
}

Result<bool> drain_rollups(RollupStore& store, Tier tier, Time before, Time now,
                           std::size_t buckets_max, const std::atomic<bool>& stop) {
  auto marked = mark_unmarked(store, now, stop);
  if (!marked || !*marked) return marked;
  RollupOutcome outcome;
  for (const auto each : {Tier::hour, Tier::day}) {
    if (each > tier) break;
    auto many = compute(store, each, before, buckets_max, stop, outcome);
    if (!many) return std::move(many).error();
    if (*many == buckets_max || stop) return false;
  }
  return true;
}

}  // namespace unity::db
