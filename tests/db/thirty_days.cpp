// Plays a month of a host on a database: 1,000 series each five minutes, some of them hours late or
// twice, and the jobs that keep the database in order, by a clock that runs ahead. Prints how large
// things are each day, what the jobs took, and whether the rollups are what one computes from all
// numbers; the last line is JSON. A program for the soak, not a test. Exit code: 1 if something is
// not as it should be. Usage: unity_thirty_days sqlite|postgresql|mariadb [days]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <map>
#include <random>

#include "db/inspect.hpp"
#include "db/mariadb_database.hpp"
#include "db/postgres_database.hpp"
#include "db/records.hpp"
#include "registry.hpp"
#include "support/mariadb_server.hpp"
#include "support/postgres_server.hpp"
#include "unity/db/maintenance.hpp"
#include "unity/db/schema.hpp"

namespace unity::test {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::steady_clock;

constexpr int kSources = 200;
constexpr int kFields = 5;
constexpr minutes kInterval{5};
constexpr int kTicksOfDay = 288;
// Short enough to be at work for most of a month.
constexpr days kKeepRaw{9};
constexpr days kKeepHours{15};

[[noreturn]] void give_up(const std::string& reason) {
  fmt::print(stderr, "{}\n", reason);
  std::exit(1);
}

double millis_since(steady_clock::time_point began) {
  return std::chrono::duration<double, std::milli>(steady_clock::now() - began).count();
}

// What a field of a source is at a tick: the same whenever one asks.
double value_of(int source, int number, std::int64_t tick) {
  return std::sin(static_cast<double>(tick) * 0.01 + source) * 100 + number * 1000 +
         static_cast<double>(tick % 7);
}

class Month {
 public:
  Month(db::DatabaseConfig config, int many)
      : config_(std::move(config)),
        days_(many),
        first_(std::chrono::floor<days>(std::chrono::system_clock::now()) - days(many)) {
    if (const auto done = db::upgrade_schema(config_, "soak"); !done) give_up(done.error().message);
    auto database = db::open_database(config_);
    if (!database) give_up(database.error().message);
    database_ = std::move(*database);
    db::RetentionConfig retention;
    retention.raw_metrics.time = kKeepRaw;
    retention.hourly_aggregates.time = kKeepHours;
    auto maintenance = db::open_maintenance(config_, db::aging_tables(retention));
    if (!maintenance) give_up(maintenance.error().message);
    maintenance_ = std::move(*maintenance);
  }

  int run() {
    fmt::print("{:>4} {:>12} {:>12} {:>10} {:>12} {:>12}\n", "day", "frames", "MiB", "parts",
               "job ms max", "write ms max");
    for (int day = 0; day < days_; ++day) play(day);
    // All that was held back comes, and its hours are computed.
    for (int source = 0; source < kSources; ++source) deliver(source, days_ * kTicksOfDay);
    now_ = first_ + days(days_) + minutes(70);
    keep_in_order();
    return judge();
  }

 private:
  struct Day {
    std::int64_t frames = 0;
    double mebibytes = 0;
    int partitions = 0;
    double job_max = 0;
    double job_sum = 0;
    double write_max = 0;
  };

  std::string value(const std::string& sql) {
    if (config_.type == "sqlite") return Inspector(config_.path).value(sql);
    if (config_.type == "postgresql") return PostgresInspector(config_).value(sql);
    return MariadbInspector(config_).value(sql);
  }

  void play(int day) {
    // Some lose their line today, for up to a day.
    for (int i = 0; i < 2; ++i) {
      const auto source = static_cast<int>(random_() % kSources);
      if (silent_.contains(source)) continue;
      const auto from = day * kTicksOfDay;
      silent_[source] = {from, from + static_cast<int>(random_() % kTicksOfDay)};
    }
    Day figures;
    for (int i = 0; i < kTicksOfDay; ++i) {
      const int tick = day * kTicksOfDay + i;
      now_ = first_ + kInterval * (tick + 1);
      for (const auto& [source, gap] : std::map(silent_)) {
        if (gap.second <= tick) deliver(source, tick);
      }
      std::vector<Record> batch;
      for (int source = 0; source < kSources; ++source) {
        if (!silent_.contains(source)) batch.push_back(made(source, tick));
      }
      std::shuffle(batch.begin(), batch.end(), random_);
      write(batch, figures.write_max);
      if (random_() % 50 == 0) write(batch, figures.write_max);  // delivered again
      const auto began = steady_clock::now();
      keep_in_order();
      const auto took = millis_since(began);
      figures.job_max = std::max(figures.job_max, took);
      figures.job_sum += took;
    }
    figures.frames = std::stoll(value("SELECT count(*) FROM metric_frames"));
    figures.mebibytes = mebibytes();
    figures.partitions = partitions();
    fmt::print("{:>4} {:>12} {:>12.1f} {:>10} {:>12.0f} {:>12.0f}\n", day + 1, figures.frames,
               figures.mebibytes, figures.partitions, figures.job_max, figures.write_max);
    std::fflush(stdout);
    history_.push_back(figures);
  }

  Record made(int source, int tick) {
    std::vector<Field> fields;
    for (int n = 0; n < kFields; ++n) {
      fields.push_back(field("field" + std::to_string(n), value_of(source, n, tick)));
    }
    return record("metric", first_ + kInterval * tick, std::move(fields),
                  {{"source", std::to_string(source)}});
  }

  // What a source that was silent has kept, up to a tick.
  void deliver(int source, int tick) {
    const auto gap = silent_.find(source);
    if (gap == silent_.end()) return;
    std::vector<Record> batch;
    for (int one = gap->second.first; one < tick; ++one) batch.push_back(made(source, one));
    silent_.erase(gap);
    double ignored = 0;
    write(batch, ignored);
  }

  void write(const std::vector<Record>& batch, double& longest) {
    const auto began = steady_clock::now();
    const auto written = database_->storage().write(batch);
    if (!written) give_up(written.error().message);
    if (!written->empty()) give_up("refused: " + written->front().detail);
    longest = std::max(longest, millis_since(began));
  }

  void keep_in_order() {
    static const std::atomic<bool> never = false;
    for (auto more = maintenance_->work(now_, never);; more = maintenance_->work(now_, never)) {
      if (!more) give_up(more.error().message);
      if (!*more) return;
    }
  }

  double mebibytes() {
    constexpr double kMebi = 1024 * 1024;
    if (config_.type == "sqlite") {
      return static_cast<double>(std::filesystem::file_size(config_.path)) / kMebi;
    }
    if (config_.type == "postgresql") {
      return std::stod(value("SELECT pg_database_size(current_database())")) / kMebi;
    }
    // As files are: what rows left free is still in them.
    return std::stod(value("SELECT sum(file_size) FROM information_schema.innodb_sys_tablespaces "
                           "WHERE name LIKE concat(database(), '/%')")) /
           kMebi;
  }

  int partitions() {
    if (config_.type == "sqlite") return 0;
    return std::stoi(
        value(config_.type == "postgresql"
                  ? "SELECT count(*) FROM pg_inherits WHERE inhparent = 'metric_frames'::regclass"
                  : "SELECT count(*) FROM information_schema.partitions WHERE table_schema = "
                    "database() AND table_name = 'metric_frames'"));
  }

  void expect(bool fine, const std::string& claim) {
    fmt::print("{} {}\n", fine ? "ok  " : "FAIL", claim);
    failed_ += fine ? 0 : 1;
  }

  int judge();
  std::size_t wrong_rollups(db::Tier tier, Time from, std::size_t& compared);

  db::DatabaseConfig config_;
  int days_;
  Time first_;
  Time now_{};
  std::unique_ptr<db::Database> database_;
  std::unique_ptr<db::Maintenance> maintenance_;
  std::mt19937 random_{1};
  std::map<int, std::pair<int, int>> silent_;  // source -> from this tick up to that
  std::vector<Day> history_;
  int failed_ = 0;
};

// Against all numbers there have ever been, whether or not they are still there.
std::size_t Month::wrong_rollups(db::Tier tier, Time from, std::size_t& compared) {
  std::map<std::int64_t, std::pair<int, int>> known;  // series -> source, field
  const auto names = [this](const std::string& sql) {
    if (config_.type == "sqlite") return Inspector(config_.path).rows(sql);
    if (config_.type == "postgresql") return PostgresInspector(config_).rows(sql);
    return MariadbInspector(config_).rows(sql);
  };
  for (const auto& row :
       names("SELECT n.series_id, n.field, s.tags FROM metric_series n JOIN metric_sources s "
             "ON s.source_id = n.source_id")) {
    const auto bar = row.find('|');
    const auto after = row.find('|', bar + 1);
    const auto tags = Tags::from_json(row.substr(after + 1));
    known[std::stoll(row)] = {std::stoi(*tags.find("source")),
                              std::stoi(row.substr(bar + 1 + 5, after - bar - 6))};
  }
  auto session = db::open_maintenance_session(config_);
  if (!session) give_up(session.error().message);
  const auto ticks = static_cast<std::int64_t>(db::length_of(tier) / kInterval);
  std::size_t wrong = 0;
  for (Time bucket = from; bucket < first_ + days(days_); bucket += db::length_of(tier)) {
    std::size_t found = 0;
    const auto begin = (bucket - first_) / kInterval;
    const auto read = (*session)->rollups().rollups(
        tier, bucket, bucket + db::length_of(tier), 0, 1'000'000, [&](const db::Rollup& stored) {
          const auto [source, number] = known.at(stored.series_id);
          db::Rollup wanted{stored.series_id};
          for (auto tick = begin; tick < begin + ticks; ++tick) {
            wanted.add(first_ + kInterval * tick, value_of(source, number, tick));
          }
          const bool same =
              stored.n == wanted.n && stored.min == wanted.min && stored.max == wanted.max &&
              stored.last_time == wanted.last_time && stored.last_value == wanted.last_value &&
              std::abs(stored.sum - wanted.sum) <= 1e-9 * std::max(1.0, std::abs(wanted.sum));
          wrong += same ? 0 : 1;
          ++found;
        });
    if (!read) give_up(read.error().message);
    wrong += kSources * kFields - found;  // missing
    compared += found;
  }
  return wrong;
}

int Month::judge() {
  const auto floor_of = [this](days keep) {
    return std::max(first_, Time(std::chrono::floor<days>(now_ - keep)));
  };
  std::size_t compared = 0;
  const auto wrong_hours = wrong_rollups(db::Tier::hour, floor_of(kKeepHours), compared);
  const auto wrong_days = wrong_rollups(db::Tier::day, first_, compared);
  expect(wrong_hours == 0 && wrong_days == 0,
         fmt::format("{} rollups are what one computes from all numbers: {} of hours and {} of "
                     "days are not",
                     compared, wrong_hours, wrong_days));

  // From when the raw numbers and the hours have reached their age.
  const auto settled = static_cast<std::size_t>(kKeepHours.count()) + 1;
  if (history_.size() <= settled + 2) give_up("too few days to judge");
  const auto& then = history_[settled];
  const auto& last = history_.back();
  const auto frames_max = (kKeepRaw.count() + 2) * kTicksOfDay * kSources;
  expect(last.frames <= frames_max,
         fmt::format("{} frames are there, at most {} should be", last.frames, frames_max));
  expect(last.mebibytes <= then.mebibytes * 1.15 + 2,
         fmt::format("{:.1f} MiB on the last day, {:.1f} MiB on day {}", last.mebibytes,
                     then.mebibytes, settled + 1));
  expect(last.partitions <= kKeepRaw.count() + 1 + 7 + 2 + (config_.type == "sqlite" ? 0 : 1),
         fmt::format("{} partitions", last.partitions));
  double early = 0;
  double late = 0;
  for (std::size_t i = 2; i < 7; ++i) early += history_[i].job_sum / 5;
  for (auto i = history_.size() - 5; i < history_.size(); ++i) late += history_[i].job_sum / 5;
  expect(late <= early * 3 + 1000,
         fmt::format("the jobs of a day took {:.0f} ms at first, {:.0f} ms at last", early, late));
  const auto jobs = db::read_jobs(config_);
  if (!jobs) give_up(jobs.error().message);
  const auto failures = std::count_if(
      jobs->begin(), jobs->end(), [](const db::JobState& job) { return job.total_failures > 0; });
  expect(failures == 0, fmt::format("{} of {} jobs have failed", failures, jobs->size()));
  fmt::print(
      "{{\"database\":\"{}\",\"days\":{},\"frames\":{},\"mebibytes\":{:.1f},\"partitions\":{},"
      "\"rollups\":{},\"wrong\":{},\"job_ms_a_day\":{:.0f},\"failed\":{}}}\n",
      config_.type, days_, last.frames, last.mebibytes, last.partitions, compared,
      wrong_hours + wrong_days, late, failed_);
  return failed_ == 0 ? 0 : 1;
}

}  // namespace
}  // namespace unity::test

int main(int argc, char** argv) {
  using namespace unity;
  const std::string type = argc > 1 ? argv[1] : "";
  const int many = argc > 2 ? std::atoi(argv[2]) : 30;
  const test::TempDir dir;
  db::DatabaseConfig config{"sqlite", dir / "unity.db"};
  if (type == "postgresql") {
    config = test::PostgresServer::shared().make_database();
  } else if (type == "mariadb") {
    config = test::MariadbServer::shared().make_database();
  } else if (type != "sqlite") {
    fmt::print(stderr, "usage: unity_thirty_days sqlite|postgresql|mariadb [days]\n");
    return 2;
  }
  return test::Month(config, many).run();
}
