// What the rollup job needs of a database. An adapter implements it on a session of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "rollup/rollup.hpp"
#include "unity/core/base/result.hpp"

namespace unity::db {

// An hour or a day that has changed since it was computed.
struct DirtyBucket {
  Time bucket{};
  std::vector<std::int64_t> marks;  // the rows that say so
};

// Each series in the order of time.
using TakeNumber = std::function<void(std::int64_t series_id, Time time, double value)>;
using TakeRollup = std::function<void(const Rollup& rollup)>;

// The row of maintenance_jobs that says that hours of frames from before there were marks have
// them.
inline constexpr std::string_view kMarksJob = "rollup_marks";

class RollupStore {
 public:
  virtual ~RollupStore() = default;

  // False if another host is at it. Held until the session ends or unlock().
  virtual Result<bool> try_lock() = 0;
  virtual Result<void> unlock() = 0;

  // Before this, rows of a table may have been dropped: what was computed of them stays. Nothing:
  // none were.
  virtual Result<std::optional<Time>> dropped_before(std::string_view table) = 0;

  // Whether every hour with frames has been marked once. Frames that were stored before migration 5
  // carry no marks.
  virtual Result<bool> all_marked() = 0;
  // The time of the first frame at or after `from`, of any source; nothing if there is none.
  virtual Result<std::optional<Time>> next_frame(Time from) = 0;
  // Marks those of these hours that are not marked, in a transaction of its own.
  virtual Result<void> mark(std::span<const Time> hours) = 0;
  // From now on all_marked() says so.
  virtual Result<void> set_all_marked(Time now) = 0;

  // Those that begin before `before`, the oldest first, each with all marks that it has now.
  virtual Result<std::vector<DirtyBucket>> dirty(Tier tier, Time before, std::size_t limit) = 0;

  // Gives the numbers within a time of at most `sources_max` sources after `after`. Returns the
  // last source that it looked at; nothing if there are no more.
  virtual Result<std::optional<std::int64_t>> numbers(Time from, Time to, std::int64_t after,
                                                      std::size_t sources_max,
                                                      const TakeNumber& take) = 0;
  // The same with rollups of a tier, by series.
  virtual Result<std::optional<std::int64_t>> rollups(Tier tier, Time from, Time to,
                                                      std::int64_t after, std::size_t series_max,
                                                      const TakeRollup& take) = 0;

  // Replaces what is there, in a transaction of its own.
  virtual Result<void> replace(Tier tier, Time bucket, std::span<const Rollup> rollups) = 0;
  // Removes the marks; `next` is marked as changed in the tier above.
  virtual Result<void> settle(Tier tier, const DirtyBucket& bucket, std::optional<Time> next) = 0;
};

}  // namespace unity::db
