#include "unity/db/maintenance.hpp"

#include <algorithm>
#include <utility>

#include "maintenance/maintenance_session.hpp"
#include "registry.hpp"
#include "retention/retention_job.hpp"
#include "rollup/rollup_job.hpp"

namespace unity::db {
namespace {

constexpr std::string_view kRollupJob = "rollup";
// How long an hour must have been over: for what is on its way, and for clocks that differ.
constexpr auto kGrace = std::chrono::minutes(5);
// Buckets in one go; then whoever wants the thread to end gets a word in.
constexpr std::size_t kBucketsMax = 24;

class DatabaseMaintenance final : public Maintenance {
 public:
  DatabaseMaintenance(std::unique_ptr<MaintenanceSession> session, OpenMaintenanceSession open,
                      const std::vector<AgingTable>& aging)
      : session_(std::move(session)), open_(std::move(open)), aging_(aging), retention_(aging) {}

  Result<bool> work(Time now, const std::atomic<bool>& stop) override {
    if (!session_ || session_->is_lost()) {
      session_.reset();  // its locks go before others are asked for
      auto opened = open_();
      if (!opened) return std::move(opened).error();
      session_ = std::move(*opened);
    }
    auto rolled_up = roll_up_if_due(now, stop);
    // What is old goes even if the rollups fail, unless they are made of it.
    auto forgot = forget(now, stop);
    // Who fails does not keep the other from going on: it is told when that has no more to do.
    if ((rolled_up && *rolled_up) || (forgot && *forgot)) {
      if (!rolled_up) failure_ = std::move(rolled_up).error();
      if (!forgot && !failure_) failure_ = std::move(forgot).error();
      return true;
    }
    auto held = std::exchange(failure_, {});
    // The first failure says more.
    if (!rolled_up) return rolled_up;
    if (held) return std::move(*held);
    return forgot;
  }

 private:
  // After a failure only when its time has come again, however much else there is to do.
  Result<bool> roll_up_if_due(Time now, const std::atomic<bool>& stop) {
    if (rollups_due_ && now < *rollups_due_ && *rollups_due_ - now <= kMaintenancePause) {
      return false;
    }
    rollups_due_.reset();
    auto more = roll_up(now, stop);
    if (!more) rollups_due_ = now + kMaintenancePause;
    return more;
  }

  Result<bool> roll_up(Time started, const std::atomic<bool>& stop) {
    const auto began = std::chrono::steady_clock::now();
    auto outcome = db::roll_up(session_->rollups(), started, kGrace, kBucketsMax, stop);
    if (outcome && outcome->somebody_else) return false;
    const auto took = std::chrono::steady_clock::now() - began;
    JobRun run{kRollupJob,
               {},
               started,
               started + std::chrono::ceil<std::chrono::microseconds>(took),
               started + kMaintenancePause,
               {}};
    if (!outcome) run.error = outcome.error().message;
    auto noted = session_->jobs().write(run);
    if (!outcome) return std::move(outcome).error();
    if (!noted) return std::move(noted).error();
    return outcome->more;
  }

  Result<bool> forget(Time now, const std::atomic<bool>& stop) {
    auto mine = session_->rollups().try_lock();
    if (!mine || !*mine) return mine;
    auto more = forget_under_lock(now, stop);
    auto unlocked = session_->rollups().unlock();
    if (!more) return more;
    if (!unlocked) return std::move(unlocked).error();
    return more;
  }

  Result<bool> forget_under_lock(Time now, const std::atomic<bool>& stop) {
    auto known = learn_tables();
    // Without that, it goes on with what it knew before.
    auto more =
        retention_.work(session_->retention(), session_->rollups(), session_->jobs(), now, stop);
    if (!known && (!more || !*more)) return std::move(known).error();
    return more;
  }

  // Datasets come and change while we run, so what they keep is asked for each time.
  Result<void> learn_tables() {
    auto datasets = session_->datasets().read_datasets();
    if (!datasets) return std::move(datasets).error();
    auto tables = aging_;
    for (auto& one : retentions_of(*datasets)) {
      tables.push_back({std::move(one.table), std::move(one.time_column), "", {one.keep, {}}});
    }
    retention_.set_tables(tables);
    return retention_.forget_others(session_->jobs());
  }

  std::unique_ptr<MaintenanceSession> session_;  // null: it could not be opened again
  OpenMaintenanceSession open_;
  const std::vector<AgingTable> aging_;
  RetentionJob retention_;
  std::optional<Time> rollups_due_;  // after a failure
  std::optional<Error> failure_;     // to be told when there is no more to do
};

}  // namespace

bool is_overdue(const JobState& job, Time now) {
  constexpr int kMissedTurns = 3;
  if (!job.last_started || !job.next_due) return false;
  const auto turn = std::max<Time::duration>(*job.next_due - *job.last_started, kMaintenancePause);
  return now - job.last_success.value_or(*job.last_started) > kMissedTurns * turn;
}

std::unique_ptr<Maintenance> maintain(std::unique_ptr<MaintenanceSession> session,
                                      OpenMaintenanceSession open,
                                      const std::vector<AgingTable>& aging) {
  return std::make_unique<DatabaseMaintenance>(std::move(session), std::move(open), aging);
}

Result<std::unique_ptr<Maintenance>> open_maintenance(const DatabaseConfig& config,
                                                      const std::vector<AgingTable>& aging) {
  auto session = open_maintenance_session(config);
  if (!session) return std::move(session).error();
  if (*session == nullptr) return std::unique_ptr<Maintenance>();
  return maintain(
      std::move(*session), [config] { return open_maintenance_session(config); }, aging);
}

Result<std::vector<JobState>> read_jobs(const DatabaseConfig& config) {
  auto session = open_maintenance_session(config);
  if (!session) return std::move(session).error();
  if (*session == nullptr) return std::vector<JobState>();
  return (*session)->jobs().read();
}

}  // namespace unity::db
