#include "retention/retention_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rollup/rollup_job.hpp"

namespace unity::db {
namespace {

using std::chrono::steady_clock;

// In one piece; then others get a word in.
constexpr std::size_t kDrainedBuckets = 24;
constexpr int kForgetSteps = 20;
constexpr int kShrinkSteps = 20;

// Earlier than any row.
constexpr Time kNever{};

Time day_of(Time time) { return std::chrono::floor<std::chrono::days>(time); }

// What is made of the rows of a table.
std::optional<Tier> tier_made_of(std::string_view table) {
  if (table == "metric_frames") return Tier::hour;
  if (table == "metric_rollup_1h") return Tier::day;
  return std::nullopt;
}

}  // namespace

void RetentionJob::set_tables(const std::vector<AgingTable>& tables) {
  std::vector<Target> targets;
  for (const auto& table : tables) {
    if (!table.keep.time && !table.keep.bytes) continue;
    const auto known = std::find_if(targets_.begin(), targets_.end(), [&](const Target& one) {
      return one.table.table == table.table;
    });
    if (known == targets_.end()) {
      targets.push_back({table});
      continue;
    }
    if (known->table.keep != table.keep && !known->under_way) known->due = Time::min();
    known->table = table;
    targets.push_back(std::move(*known));
  }
  targets_ = std::move(targets);
}

Result<bool> RetentionJob::work(RetentionStore& store, RollupStore& rollups, JobBook& jobs,
                                Time now, const std::atomic<bool>& stop) {
  auto trusted = watch_clock(store, now);
  if (!trusted) return std::move(trusted).error();
  bool more = false;
  const auto fail = [this](Error error) {
    if (!failure_) failure_ = std::move(error);
  };
  for (auto& target : targets_) {
    if (stop) return false;
    if (!is_due(target, now)) continue;
    const auto began = steady_clock::now();
    auto done = *trusted ? piece(target, store, rollups, now, stop) : wait(target, store, now);
    target.spent += steady_clock::now() - began;
    Result<void> noted;
    if (!done) {
      target.due = now + kRetryPause;
      noted = note(target, jobs, done.error().message);
      fail(std::move(done).error());
    } else if (*done == Piece::done) {
      // What a size asked for may have been too little.
      target.due = now + (target.by_size ? Time::duration(kRetryPause) : Time::duration(kPause));
      noted = note(target, jobs, {});
    } else if (*done == Piece::more) {
      more = true;
      break;  // a store goes on where it was only if no other table comes between
    }
    if (!noted) fail(std::move(noted).error());
  }
  bool shrinking = true;
  for (int i = 0; i < kShrinkSteps && !stop && shrinking; ++i) {
    auto shrunk = store.shrink();
    if (!shrunk) fail(std::move(shrunk).error());
    shrinking = shrunk && *shrunk;
  }
  if (stop) return false;
  if (more || shrinking) return true;
  if (auto failure = std::exchange(failure_, {})) return std::move(*failure);
  return false;
}

Result<void> RetentionJob::forget_others(JobBook& jobs) const {
  auto noted = jobs.read();
  if (!noted) return std::move(noted).error();
  for (const auto& one : *noted) {
    if (one.job != kName) continue;
    const bool is_ours = std::any_of(targets_.begin(), targets_.end(), [&](const Target& target) {
      return target.table.table == one.target;
    });
    if (is_ours) continue;
    if (auto forgotten = jobs.forget(kName, one.target); !forgotten) return forgotten;
  }
  return {};
}

bool RetentionJob::is_due(const Target& target, Time now) const {
  // Nobody waits for longer than the longest pause, whatever the clock said then.
  return now >= target.due || target.due - now > kPause;
}

Result<bool> RetentionJob::watch_clock(RetentionStore& store, Time now) {
  if (!last_look_) {
    // After a restart: what the database knows of those who looked before.
    std::optional<Error> failure;
    bool is_known = targets_.empty();
    for (const auto& target : targets_) {
      auto floor = store.floor(target.table.table);
      if (!floor) {
        failure = std::move(floor).error();
        continue;  // it fails by itself, and holds up no other
      }
      is_known = true;
      if (*floor) last_look_ = std::max(last_look_.value_or(Time::min()), (*floor)->raised_at);
    }
    if (!is_known) return std::move(*failure);
  }
  if (clock_.look(last_look_, now, steady_())) {
    for (auto& target : targets_) {
      target.due = Time::min();
      target.under_way = false;
    }
  }
  last_look_ = now;
  return clock_.is_trusted();
}

Result<std::optional<Floor>> RetentionJob::put_right(Target& target, RetentionStore& store,
                                                     Time now) {
  const auto& name = target.table.table;
  auto floor = store.floor(name);
  if (!floor || !*floor) return floor;
  const auto& at = **floor;
  const auto wanted = std::max(target.wanted.value_or(kNever), at.dropped_before.value_or(kNever));
  if (at.time > wanted || at.raised_at > now) {
    // Who knows the later floor knows this one: there is nothing to wait for but a wrong clock.
    auto corrected = store.correct(name, std::min(at.time, wanted), std::min(at.raised_at, now));
    if (!corrected) return std::move(corrected).error();
    floor = store.floor(name);
    if (!floor || !*floor) return floor;
  }
  if ((*floor)->time <= now) return floor;
  return Error{
      Errc::refused,
      fmt::format("rows of {0} may have been dropped up to {1}, but it is {2}: nothing more is "
                  "dropped, and what is older than {1} is refused; set the clock right, or, if it "
                  "is, set floor_time and dropped_before of '{0}' in retention_state to a time "
                  "that is over",
                  name, to_rfc3339((*floor)->time), to_rfc3339(now))};
}

// While the clock is not trusted: what it says may take back, but neither raise nor drop.
Result<RetentionJob::Piece> RetentionJob::wait(Target& target, RetentionStore& store, Time now) {
  if (auto begun = begin(target, store, now); !begun) return std::move(begun).error();
  if (auto floor = put_right(target, store, now); !floor) return std::move(floor).error();
  target.under_way = false;
  target.due = now + kRetryPause;
  return Piece::later;
}

Result<RetentionJob::Piece> RetentionJob::piece(Target& target, RetentionStore& store,
                                                RollupStore& rollups, Time now,
                                                const std::atomic<bool>& stop) {
  if (!target.under_way) {
    if (auto begun = begin(target, store, now); !begun) return std::move(begun).error();
  }
  const auto& name = target.table.table;
  auto floor = put_right(target, store, now);
  if (!floor) return std::move(floor).error();
  if (target.wanted && (!*floor || *target.wanted > (*floor)->time)) {
    if (auto raised = store.raise(name, *target.wanted, now); !raised) {
      return std::move(raised).error();
    }
    floor = store.floor(name);
    if (!floor) return std::move(floor).error();
  }
  if (!*floor) return Piece::done;  // nothing was ever old, or too large
  const auto& at = **floor;
  if (at.dropped_before == at.time && target.emptied_to == at.time) return Piece::done;
  if (now < at.raised_at + kFloorIsKnownAfter) {
    target.due = at.raised_at + kFloorIsKnownAfter;
    return Piece::later;
  }
  if (at.dropped_before != at.time) {
    if (const auto tier = tier_made_of(name)) {
      auto drained = drain_rollups(rollups, *tier, at.time, now, kDrainedBuckets, stop);
      if (!drained) return std::move(drained).error();
      if (!*drained) return stop ? Piece::later : Piece::more;
    }
    if (auto begun = store.begin_drop(name); !begun) return std::move(begun).error();
  }
  return forget(target, at.time, store, now, stop);
}

Result<void> RetentionJob::begin(Target& target, RetentionStore& store, Time now) {
  const auto& keep = target.table.keep;
  target.wanted.reset();
  target.by_size = false;
  if (keep.time) {
    target.wanted = day_of(now - std::chrono::ceil<std::chrono::microseconds>(*keep.time));
  }
  if (keep.bytes) {
    auto wanted = store.floor_for_size(target.table, *keep.bytes, day_of(now));
    if (!wanted) return std::move(wanted).error();
    if (*wanted && (!target.wanted || **wanted > *target.wanted)) {
      target.wanted = *wanted;
      target.by_size = true;
    }
  }
  target.started = now;
  target.spent = {};
  target.under_way = true;
  return {};
}

Result<RetentionJob::Piece> RetentionJob::forget(Target& target, Time floor, RetentionStore& store,
                                                 Time now, const std::atomic<bool>& stop) {
  for (int i = 0; i < kForgetSteps && !stop; ++i) {
    auto step = store.forget(target.table, floor);
    if (!step) return std::move(step).error();
    if (!step->busy.empty()) {
      target.due = now + kRetryPause;
      if (++target.busy < kBusyMax) return Piece::later;
      return Error{Errc::unavailable, fmt::format("{}; tried {} times", step->busy, target.busy)};
    }
    target.busy = 0;
    if (!step->more) {
      target.emptied_to = floor;
      return Piece::done;
    }
  }
  return stop ? Piece::later : Piece::more;
}

Result<void> RetentionJob::note(Target& target, JobBook& jobs, std::string_view error) {
  target.under_way = false;
  const auto finished = target.started + std::chrono::ceil<std::chrono::microseconds>(target.spent);
  return jobs.write({kName, target.table.table, target.started, finished, target.due, error});
}

}  // namespace unity::db
