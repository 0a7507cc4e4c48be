// Has what is old forgotten, in this order: writers refuse it, what is made of it is computed, it
// is marked as gone, it goes. So a kill anywhere leaves a floor that is not beyond the data, and
// rollups of all that is gone.
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "maintenance/job_book.hpp"
#include "retention/clock_watch.hpp"
#include "retention/retention_store.hpp"
#include "rollup/rollup_store.hpp"

namespace unity::db {

// Pure but for its stores and the steady clock: told what time it is. One thread.
class RetentionJob {
 public:
  static constexpr std::string_view kName = "retention";
  // How often a table is looked at.
  static constexpr std::chrono::hours kPause{1};
  // After a failure, and while somebody reads what is to go.
  static constexpr std::chrono::minutes kRetryPause{1};
  // Who reads may do so for this many tries before it counts as a failure.
  static constexpr int kBusyMax = 10;

  using SteadyClock = std::function<Instant()>;

  explicit RetentionJob(const std::vector<AgingTable>& tables,
                        SteadyClock steady = std::chrono::steady_clock::now)
      : steady_(std::move(steady)) {
    set_tables(tables);
  }

  // From now on these grow old. What is known of a table stays; one whose keep has changed is
  // looked at with the next work().
  void set_tables(const std::vector<AgingTable>& tables);

  // What the book says of tables that do not grow old any more goes: nobody would ever write there
  // that they are in order again. To be called under the lock of the jobs, once all are known.
  Result<void> forget_others(JobBook& jobs) const;

  // Does a piece of what is due, table by table, and notes each that is done, or has failed. True
  // if there is more to do at once. The first failure, when all tables had their turn and there is
  // no more. After the clock has leapt, nothing is raised and nothing goes until it has been steady
  // for an hour. To be called under the lock of the jobs.
  Result<bool> work(RetentionStore& store, RollupStore& rollups, JobBook& jobs, Time now,
                    const std::atomic<bool>& stop);

 private:
  struct Target {
    AgingTable table;
    Time due = Time::min();
    // Of the run that is under way.
    bool under_way = false;
    Time started{};
    Duration spent{};
    std::optional<Time> wanted = {};  // the floor by time and size
    bool by_size = false;
    // Of all runs.
    std::optional<Time> emptied_to = {};
    int busy = 0;
  };
  enum class Piece { more, later, done };

  bool is_due(const Target& target, Time now) const;
  // Whether the clock can be trusted. After a leap all is looked at anew.
  Result<bool> watch_clock(RetentionStore& store, Time now);
  // Takes back what a wrong clock has written, as far as it can be. A floor after `now` that is
  // left is a failure. Returns the floor that is in force.
  Result<std::optional<Floor>> put_right(Target& target, RetentionStore& store, Time now);
  Result<Piece> piece(Target& target, RetentionStore& store, RollupStore& rollups, Time now,
                      const std::atomic<bool>& stop);
  Result<Piece> wait(Target& target, RetentionStore& store, Time now);
  Result<void> begin(Target& target, RetentionStore& store, Time now);
  Result<Piece> forget(Target& target, Time floor, RetentionStore& store, Time now,
                       const std::atomic<bool>& stop);
  static Result<void> note(Target& target, JobBook& jobs, std::string_view error);

  SteadyClock steady_;
  std::vector<Target> targets_;
  ClockWatch clock_;
  std::optional<Time> last_look_;
  std::optional<Error> failure_;  // to be told when there is no more to do
};

}  // namespace unity::db
