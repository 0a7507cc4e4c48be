// How long a write waits while old rows go from an SQLite file: commits of one frame, every 20 ms,
// first beside nothing, then beside a purge of most of the file. A program for the soak, not a
// test. Usage: unity_purge_wait [MiB]; the last line is JSON.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "db/records.hpp"
#include "support/temp_dir.hpp"
#include "unity/db/maintenance.hpp"
#include "unity/db/schema.hpp"

namespace unity::test {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

[[noreturn]] void give_up(const std::string& reason) {
  fmt::print(stderr, "{}\n", reason);
  std::exit(1);
}

double millis_since(steady_clock::time_point began) {
  return std::chrono::duration<double, std::milli>(steady_clock::now() - began).count();
}

Time wall_now() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

double mebibytes(const db::DatabaseConfig& config) {
  return static_cast<double>(std::filesystem::file_size(config.path)) / (1024 * 1024);
}

std::unique_ptr<db::Database> open(const db::DatabaseConfig& config) {
  auto database = db::open_database(config);
  if (!database) give_up(database.error().message);
  return std::move(*database);
}

void write(db::Database& database, const std::vector<Record>& batch) {
  const auto written = database.storage().write(batch);
  if (!written) give_up(written.error().message);
}

// Frames of about a kilobyte of 100 sources, of days long past.
void fill(const db::DatabaseConfig& config, std::size_t mebibytes_wanted) {
  const auto database = open(config);
  const auto first = wall_now() - days(60);
  const std::string text(1000, 'x');
  for (std::size_t batch = 0; batch < mebibytes_wanted; ++batch) {
    std::vector<Record> records;
    for (int i = 0; i < 950; ++i) {
      const auto moment = first + milliseconds(batch * 1'000'000 + i / 100 * 1'000);
      records.push_back(record("log", moment, {field("text", text), field("size", i * 1.0)},
                               {{"source", std::to_string(i % 100)}}));
    }
    write(*database, records);
  }
}

struct Waits {
  std::size_t commits = 0;
  double median = 0;
  double p99 = 0;
  double max = 0;
};

// Commits until it is told to stop.
Waits commit_steadily(const db::DatabaseConfig& config, const std::atomic<bool>& stop) {
  const auto database = open(config);
  std::vector<double> took;
  while (!stop) {
    const auto began = steady_clock::now();
    write(*database, {record("cpu", wall_now(), {field("used", 1.0 * took.size())})});
    took.push_back(millis_since(began));
    std::this_thread::sleep_until(began + milliseconds(20));
  }
  if (took.empty()) give_up("nothing was written");
  std::sort(took.begin(), took.end());
  return {took.size(), took[took.size() / 2], took[took.size() * 99 / 100], took.back()};
}

// The waits of a writer beside `work`.
template <class Work>
Waits beside(const db::DatabaseConfig& config, Work work) {
  std::atomic<bool> stop = false;
  Waits waits;
  std::thread writer([&] { waits = commit_steadily(config, stop); });
  work();
  stop = true;
  writer.join();
  return waits;
}

void print(const char* what, const Waits& waits) {
  fmt::print("{:<20} {:>6} commits, ms: median {:.1f}, p99 {:.1f}, max {:.1f}\n", what,
             waits.commits, waits.median, waits.p99, waits.max);
}

int run(std::size_t size) {
  const TempDir dir;
  const db::DatabaseConfig config{"sqlite", dir / "unity.db"};
  if (const auto done = db::upgrade_schema(config, "soak"); !done) give_up(done.error().message);
  fill(config, size);
  const auto before = mebibytes(config);
  const auto alone = beside(config, [] { std::this_thread::sleep_for(std::chrono::seconds(5)); });
  print("beside nothing", alone);

  auto frames = db::aging_tables({});
  frames.resize(1);
  auto maintenance = db::open_maintenance(config, frames);
  if (!maintenance) give_up(maintenance.error().message);
  const std::atomic<bool> never = false;
  const auto work = [&](Time now) {
    for (auto more = (*maintenance)->work(now, never);; more = (*maintenance)->work(now, never)) {
      if (!more) give_up(more.error().message);
      if (!*more) return;
    }
  };
  // The rollups first, so that the purge is what is measured.
  const auto now = wall_now();
  work(now);
  const auto began = steady_clock::now();
  const auto purging = beside(config, [&] { work(now + db::kFloorIsKnownAfter); });
  const auto seconds = millis_since(began) / 1000;
  print("beside the purge", purging);
  // What is free is given back when the log is copied into the file.
  write(*open(config), {record("cpu", wall_now(), {field("used", 0.5)})});
  const auto after = mebibytes(config);
  fmt::print("{:.0f} MiB became {:.0f} in {:.0f} s\n", before, after, seconds);
  fmt::print(
      "{{\"mebibytes_before\":{:.0f},\"mebibytes_after\":{:.0f},\"seconds\":{:.0f},"
      "\"alone_p99_ms\":{:.1f},\"alone_max_ms\":{:.1f},\"purge_p99_ms\":{:.1f},"
      "\"purge_max_ms\":{:.1f}}}\n",
      before, after, seconds, alone.p99, alone.max, purging.p99, purging.max);
  return 0;
}

}  // namespace
}  // namespace unity::test

int main(int argc, char** argv) {
  return unity::test::run(argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : 1024);
}
