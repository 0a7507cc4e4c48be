// Prints what storing costs with TimescaleDB beside the same without, in turns on one server:
// values a second, bytes a value on disk, and what compression makes of them. A program for people,
// not a test; UNITY_TEST_TIMESCALEDB names the server's programs. Usage: unity_timescaledb_cost
// [batches] [rounds]; the last line is JSON.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

#include "db/postgres_database.hpp"
#include "db/records.hpp"
#include "unity/db/open.hpp"
#include "unity/db/schema.hpp"

namespace unity::test {
namespace {

using std::chrono::steady_clock;
using Batch = std::vector<Record>;

constexpr int kRecords = 10'000;  // a batch
constexpr int kSources = 100;     // as in a house: each a hundred times in a batch
constexpr int kValues = 5;
constexpr std::int64_t kMidnight = 1'768'435'200;  // of a day of 2026
constexpr std::int64_t kInterval = 10;             // seconds

[[noreturn]] void give_up(const std::string& what) { throw std::runtime_error(what); }

// Numbers as machines have them: some wander, some grow, some hardly change.
double value_of(int source, int step, int field) {
  switch (field) {
    case 0:
      return std::round(std::sin(step * 0.01 + source) * 5000) / 100;
    case 1:
      return 1e9 + step * 4096.0 * (source + 1);
    case 2:
      return 40 + (step / 50 + source) % 3;
    case 3:
      return std::round(std::sin(step * 0.7 + source) * 1e6) / 1e4;
    default:
      return source;
  }
}

std::vector<Batch> make_batches(int count) {
  constexpr int kSteps = kRecords / kSources;
  std::vector<Batch> batches(static_cast<std::size_t>(count));
  for (int b = 0; b < count; ++b) {
    for (int i = 0; i < kRecords; ++i) {
      const int step = b * kSteps + i / kSources;
      std::vector<Field> fields;
      for (int v = 0; v < kValues; ++v) {
        fields.push_back(field("field" + std::to_string(v), value_of(i % kSources, step, v)));
      }
      batches[static_cast<std::size_t>(b)].push_back(
          record("metric", at_second(kMidnight + step * kInterval), std::move(fields),
                 {{"source", std::to_string(i % kSources)}}));
    }
  }
  return batches;
}

struct Outcome {
  double seconds = 0;
  std::int64_t bytes = 0;
};

Outcome store(const db::DatabaseConfig& config, const std::vector<Batch>& batches) {
  if (auto made = db::upgrade_schema(config, "benchmark"); !made) give_up(made.error().message);
  auto database = db::open_database(config);
  if (!database) give_up(database.error().message);
  const auto start = steady_clock::now();
  for (const auto& batch : batches) {
    const auto written = (*database)->storage().write(batch);
    if (!written || !written->empty()) give_up("cannot write");
  }
  const std::chrono::duration<double> took = steady_clock::now() - start;
  const auto bytes = PostgresInspector(config).value(
      "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits "
      "WHERE inhparent = 'metric_frames'::regclass");
  return {took.count(), std::stoll(bytes)};
}

int run(int count, int rounds) {
  auto& server = PostgresServer::with_timescale();
  const auto batches = make_batches(count);
  const auto values = static_cast<double>(count) * kRecords * kValues;
  Outcome plain{1e9, 0};
  Outcome chunks{1e9, 0};
  db::DatabaseConfig last;
  for (int round = 0; round < rounds; ++round) {
    const auto without = store(server.make_plain_database(), batches);
    last = server.make_database();
    const auto with = store(last, batches);
    plain = {std::min(plain.seconds, without.seconds), without.bytes};
    chunks = {std::min(chunks.seconds, with.seconds), with.bytes};
  }
  PostgresInspector inspector(last);
  const auto start = steady_clock::now();
  inspector.rows("SELECT count(compress_chunk(c)) FROM show_chunks('metric_frames') c");
  const std::chrono::duration<double> compressing = steady_clock::now() - start;
  const auto compressed =
      std::stod(inspector.value("SELECT hypertable_size('metric_frames'::regclass)"));

  // The last batch once more: all of it is there.
  auto database = db::open_database(last);
  if (!database) give_up(database.error().message);
  const auto again = steady_clock::now();
  const auto written = (*database)->storage().write(batches.back());
  if (!written || !written->empty()) give_up("cannot write again");
  const std::chrono::duration<double> redelivery = steady_clock::now() - again;

  fmt::print("{:<34}{:>14}{:>14}\n", "", "values/s", "bytes/value");
  const auto print = [values](const char* what, double seconds, double bytes) {
    fmt::print("{:<34}{:>14.0f}{:>14.2f}\n", what, values / seconds, bytes / values);
  };
  print("partitions", plain.seconds, static_cast<double>(plain.bytes));
  print("hypertable", chunks.seconds, static_cast<double>(chunks.bytes));
  print("hypertable, being compressed", compressing.count(), compressed);
  fmt::print("a batch of {} again, into what is compressed: {:.0f} ms\n", kRecords,
             redelivery.count() * 1000);
  fmt::print(
      "{{\"values\": {:.0f}, \"partitions_per_second\": {:.0f}, \"hypertable_per_second\": {:.0f}, "
      "\"partitions_bytes\": {:.3f}, \"hypertable_bytes\": {:.3f}, \"compressed_bytes\": "
      "{:.3f}}}\n",
      values, values / plain.seconds, values / chunks.seconds,
      static_cast<double>(plain.bytes) / values, static_cast<double>(chunks.bytes) / values,
      compressed / values);
  return 0;
}

}  // namespace
}  // namespace unity::test

int main(int argc, char** argv) {
  const auto number = [&](int index, int otherwise) {
    return argc > index ? std::max(1, std::atoi(argv[index])) : otherwise;
  };
  if (unity::test::PostgresServer::timescale_programs().empty()) {
    fmt::print(stderr,
               "unity_timescaledb_cost: UNITY_TEST_TIMESCALEDB must name the folder of the "
               "programs of a PostgreSQL server with TimescaleDB\n");
    return 2;
  }
  return unity::test::run(number(1, 80), number(2, 3));
}
