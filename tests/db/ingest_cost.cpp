// Prints how fast the writer's stage carries records from the spool into a database, beside the
// raw writer of that database on the same schema, in turns. A program for people, not a test.
// Usage: unity_ingest_cost sqlite|postgresql|mariadb [metrics] [rounds]; the last line is JSON.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "db/raw_writers.hpp"
#include "db/records.hpp"
#include "delivery/read_ahead.hpp"
#include "frames/number.hpp"
#include "support/cpu_time.hpp"
#include "support/mariadb_server.hpp"
#include "support/postgres_server.hpp"
#include "support/temp_dir.hpp"
#include "unity/db/schema.hpp"
#include "unity/db/spool.hpp"

namespace unity::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSeries = 1000;  // metrics that speak once a second
constexpr int kFields = 5;

// In the hour that goes on, as what a host collects is. One that is over would be marked for its
// rollup with each batch, which takes a statement more.
const std::int64_t kStart =
    std::chrono::floor<std::chrono::hours>(std::chrono::system_clock::now()).time_since_epoch() /
    std::chrono::seconds(1);

[[noreturn]] void give_up(const std::string& what) { throw std::runtime_error(what); }

template <class Value>
Value expect(Result<Value> made) {
  if (!made) give_up(made.error().message);
  return std::move(*made);
}

// `in_frame` metrics of a source make a frame; a batch has `in_batch` metrics.
struct Shape {
  int in_frame;
  int in_batch;
  int metrics;  // in all

  int batches() const { return metrics / in_batch; }
};

double number(int metric, int value) { return std::round(metric * 37 % 9973 + value * 11.3) / 10; }

// The metrics [from, to), in the order in which they come: second by second.
std::vector<Record> make_records(const Shape& shape, int from, int to) {
  std::vector<Record> records;
  for (int i = from; i < to; ++i) {
    const auto series = i % kSeries;
    std::vector<Field> fields;
    for (int f = 0; f < kFields; ++f)
      fields.push_back(field(fmt::format("field{}", f), number(i, f)));
    records.push_back(record(fmt::format("metric{}", series % shape.in_frame),
                             at_second(kStart + 100 + i / kSeries), std::move(fields),
                             {{"source", std::to_string(series / shape.in_frame)}}));
  }
  return records;
}

std::vector<RawFrame> make_frames(const Shape& shape, int from, int to) {
  std::vector<RawFrame> frames;
  for (int i = from; i < to; i += shape.in_frame) {
    frames.push_back({i % kSeries / shape.in_frame + 1, at_second(kStart + 100 + i / kSeries), {}});
    for (int m = 0; m < shape.in_frame; ++m) {
      for (int f = 0; f < kFields; ++f) {
        frames.back().frame.set_number(m * kFields + f,
                                       db::to_number(FieldValue(number(i + m, f))));
      }
    }
  }
  return frames;
}

struct Rate {
  double metrics_per_second = 0;
  double p50_ms = 0;
  double p95_ms = 0;
  double cpu_us = 0;  // of a metric, of this process and the server
};

// `write` writes the next batch, and returns how long that took for the database alone.
Rate measure(const Shape& shape, const std::function<double(std::size_t)>& write) {
  std::vector<double> waits;
  const auto cpu = cpu_time();
  const auto start = Clock::now();
  for (int i = 0; i < shape.batches(); ++i) waits.push_back(write(static_cast<std::size_t>(i)));
  const std::chrono::duration<double> wall = Clock::now() - start;
  const auto used = cpu_time() - cpu;
  std::sort(waits.begin(), waits.end());
  const double metrics = shape.batches() * shape.in_batch;
  return {metrics / wall.count(), waits[waits.size() / 2], waits[waits.size() * 95 / 100],
          used / metrics * 1e6};
}

template <class Work>
double milliseconds(Work work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// An empty database with the sources of the records in it, as in a host that runs.
struct Target {
  explicit Target(const std::string& type, const Shape& shape) {
    config = type == "postgresql" ? PostgresServer::shared().make_database()
             : type == "mariadb"  ? MariadbServer::shared().make_database()
                                  : db::DatabaseConfig{"sqlite", folder / "unity.db"};
    expect(db::upgrade_schema(config, "benchmark"));
    database = expect(db::open_database(config));
    auto first = make_records(shape, 0, kSeries);
    for (auto& one : first) one.time -= std::chrono::seconds(50);
    if (!expect(database->storage().write(first)).empty()) give_up("cannot write");
  }

  TempDir folder;
  db::DatabaseConfig config;
  std::unique_ptr<db::Database> database;
};

Rate run_ours(const std::string& type, const Shape& shape) {
  Target target(type, shape);
  db::SpoolConfig config;
  config.folder = target.folder / "spool";
  config.consumers = {{"database"}};
  auto spool = expect(db::open_spool(config));
  for (int from = 0; from < shape.metrics; from += 1000) {
    db::SpoolEntry entry;
    entry.instance = "disk";
    entry.records = make_records(shape, from, from + 1000);
    const auto encoded = expect(db::encode_entry(entry));
    if (expect(spool->append(encoded)).accepted != encoded.size()) give_up("the spool is full");
  }
  auto& consumer = spool->consumer("database");
  host::ReadAhead reader(consumer, static_cast<std::size_t>(shape.in_batch));
  db::SpoolBatch batch;
  return measure(shape, [&](std::size_t) {
    if (!expect(reader.next(batch))) give_up("no more");
    reader.begin();  // all of it waits
    const auto took = milliseconds([&] {
      if (!expect(target.database->storage().write(batch.records)).empty()) give_up("rejected");
    });
    if (auto acked = consumer.ack(batch.end); !acked) give_up(acked.error().message);
    return took;
  });
}

Rate run_raw(const std::string& type, const Shape& shape) {
  Target target(type, shape);
  auto raw = type == "postgresql" ? make_postgres_raw(target.config)
             : type == "mariadb"  ? make_mariadb_raw(target.config)
                                  : make_sqlite_raw(target.config);
  for (int i = 0; i < shape.batches(); ++i) {
    raw->add_batch(make_frames(shape, i * shape.in_batch, (i + 1) * shape.in_batch));
  }
  return measure(shape,
                 [&](std::size_t batch) { return milliseconds([&] { raw->write(batch); }); });
}

Rate fastest(const std::vector<Rate>& rates) {
  return *std::max_element(rates.begin(), rates.end(), [](const Rate& a, const Rate& b) {
    return a.metrics_per_second < b.metrics_per_second;
  });
}

std::string compare(const std::string& type, const Shape& shape, int rounds) {
  std::vector<Rate> ours;
  std::vector<Rate> raw;
  for (int i = 0; i < rounds; ++i) {
    raw.push_back(run_raw(type, shape));
    ours.push_back(run_ours(type, shape));
  }
  const auto best = fastest(ours);
  const auto bare = fastest(raw);
  const auto ratio = best.metrics_per_second / bare.metrics_per_second;
  fmt::print("{:>9}{:>9}{:>14.0f}{:>14.0f}{:>8.2f}{:>12.2f}{:>12.2f}{:>14.2f}{:>10.2f}{:>10.2f}\n",
             shape.in_frame, shape.in_batch, best.metrics_per_second, bare.metrics_per_second,
             ratio, best.p50_ms, best.p95_ms, bare.p95_ms, best.cpu_us, bare.cpu_us);
  return fmt::format(
      R"({{"metrics_in_frame":{},"batch":{},"metrics_per_second":{:.0f},"raw_metrics_per_second":{:.0f},"ratio":{:.3f},"p50_ms":{:.3f},"p95_ms":{:.3f},"raw_p95_ms":{:.3f},"cpu_us":{:.3f},"raw_cpu_us":{:.3f}}})",
      shape.in_frame, shape.in_batch, best.metrics_per_second, bare.metrics_per_second, ratio,
      best.p50_ms, best.p95_ms, bare.p95_ms, best.cpu_us, bare.cpu_us);
}

void run(const std::string& type, int metrics, int rounds) {
  fmt::print("{}: {} metrics of five numbers, the fastest of {} rounds\n", type, metrics, rounds);
  fmt::print("{:>9}{:>9}{:>14}{:>14}{:>8}{:>12}{:>12}{:>14}{:>10}{:>10}\n", "in frame", "in batch",
             "metrics/s", "raw", "ratio", "p50 ms", "p95 ms", "raw p95 ms", "CPU us", "raw CPU us");
  std::string lines;
  for (const auto& [in_frame, in_batch] :
       {std::pair(5, 1'000), std::pair(5, 10'000), std::pair(1, 1'000), std::pair(1, 10'000)}) {
    lines += (lines.empty() ? "" : ",") + compare(type, {in_frame, in_batch, metrics}, rounds);
  }
  fmt::print("{{\"database\":\"{}\",\"shapes\":[{}]}}\n", type, lines);
}

}  // namespace
}  // namespace unity::test

int main(int argc, char** argv) {
  const std::string type = argc > 1 ? argv[1] : "sqlite";
  const int metrics = argc > 2 ? std::max(10'000, std::atoi(argv[2])) : 500'000;
  const int rounds = argc > 3 ? std::max(1, std::atoi(argv[3])) : 3;
  try {
    unity::test::run(type, metrics / 10'000 * 10'000, rounds);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
