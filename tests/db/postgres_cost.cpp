// Prints what storing in PostgreSQL costs beside a bare binary COPY of the same frames into a table
// of the same form, in turns, on a server of its own: values a second, and CPU on both sides. A
// program for people, not a test. Usage: unity_postgres_cost [batches] [rounds]; the last line is
// JSON.
#include <fmt/format.h>
#include <libpq-fe.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>

#include "db/postgres_database.hpp"
#include "db/records.hpp"
#include "postgres/staging.hpp"
#include "support/postgres_server.hpp"
#include "unity/db/open.hpp"
#include "unity/db/schema.hpp"

namespace unity::test {
namespace {

constexpr int kRecords = 10'000;  // a batch
constexpr int kSources = 1'000;
constexpr std::int64_t kStart = 1'768'435'200'000'000;  // a midnight of 2026: one partition

using Batch = std::vector<Record>;

std::vector<Batch> make_batches(int count, int values) {
  std::vector<Batch> batches(static_cast<std::size_t>(count));
  for (int b = 0; b < count; ++b) {
    for (int i = 0; i < kRecords; ++i) {
      std::vector<Field> fields;
      for (int v = 0; v < values; ++v) {
        fields.push_back(field("field" + std::to_string(v), b * 0.37 + i * 1.5 + v));
      }
      const auto step = b * (kRecords / kSources) + i / kSources;
      batches[static_cast<std::size_t>(b)].push_back(
          record("metric", at(kStart + step * std::int64_t{1'000'000}), std::move(fields),
                 {{"source", std::to_string(i % kSources)}}));
    }
  }
  return batches;
}

// The same frames, as the bytes of a COPY.
std::vector<std::string> make_copies(const std::vector<Batch>& batches) {
  std::vector<std::string> copies;
  for (const auto& batch : batches) {
    db::postgres::CopyData rows;
    rows.clear();
    int index = 0;
    for (const auto& one : batch) {
      db::Frame frame;
      for (std::size_t v = 0; v < one.fields.size(); ++v) {
        frame.set_number(static_cast<int>(v), db::to_number(one.fields[v].value));
      }
      append_frame(rows, db::Source(index++ % kSources + 1), one.time, frame);
    }
    copies.emplace_back(rows.finish());
  }
  return copies;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double own_cpu() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

double cpu_of(const std::string& pid) {
  std::ifstream in("/proc/" + pid + "/stat");
  std::string text((std::istreambuf_iterator<char>(in)), {});
  text.erase(0, text.rfind(')') + 1);
  std::istringstream fields(text);
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

struct Cost {
  double wall = 0, client = 0, server = 0;
};

template <class Work>
Cost measure(const std::string& backend, Work work) {
  const auto client = own_cpu();
  const auto server = cpu_of(backend);
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  return {wall.count(), own_cpu() - client, cpu_of(backend) - server};
}

[[noreturn]] void give_up(const std::string& what) { throw std::runtime_error(what); }

Cost run_ours(const std::vector<Batch>& batches) {
  const auto config = PostgresServer::shared().make_database();
  if (auto made = db::upgrade_schema(config, "benchmark"); !made) give_up(made.error().message);
  auto database = db::open_database(config);
  if (!database) give_up(database.error().message);
  // The sources are known in a host that runs; making them is not what is measured.
  auto first = batches.front();
  for (auto& one : first) one.time -= std::chrono::seconds(100);
  first.resize(kSources);
  if (!(*database)->storage().write(first)) give_up("cannot write");
  const auto backend = PostgresInspector(config).value(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'unity' "
      "AND datname = current_database()");
  return measure(backend, [&] {
    for (const auto& batch : batches) {
      const auto written = (*database)->storage().write(batch);
      if (!written || !written->empty()) give_up("cannot write");
    }
  });
}

Cost run_raw(const std::vector<std::string>& copies) {
  const auto config = PostgresServer::shared().make_database();
  if (auto made = db::upgrade_schema(config, "benchmark"); !made) give_up(made.error().message);
  PostgresInspector(config).rows(
      "CREATE TABLE metric_frames_p2026 PARTITION OF metric_frames "
      "FOR VALUES FROM ('2026-01-15') TO ('2026-01-16')");
  PGconn* connection = PQconnectdb(
      fmt::format("host={} user=unity dbname={}", config.server.host, config.server.database)
          .c_str());
  const auto cost = measure(std::to_string(PQbackendPID(connection)), [&] {
    for (const auto& copy : copies) {
      PQclear(PQexec(connection, "COPY metric_frames FROM STDIN (FORMAT binary)"));
      PQputCopyData(connection, copy.data(), static_cast<int>(copy.size()));
      PQputCopyEnd(connection, nullptr);
      PGresult* result = PQgetResult(connection);
      const bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
      PQclear(result);
      if (!good) give_up(PQerrorMessage(connection));
      while ((result = PQgetResult(connection)) != nullptr) PQclear(result);
    }
  });
  PQfinish(connection);
  return cost;
}

const Cost& fastest(const std::vector<Cost>& costs) {
  return *std::min_element(costs.begin(), costs.end(),
                           [](const Cost& a, const Cost& b) { return a.wall < b.wall; });
}

std::string compare(int values, int count, int rounds) {
  const auto batches = make_batches(count, values);
  const auto copies = make_copies(batches);
  std::vector<Cost> ours;
  std::vector<Cost> raw;
  for (int i = 0; i < rounds; ++i) {
    raw.push_back(run_raw(copies));
    ours.push_back(run_ours(batches));
  }
  const double records = double{kRecords} * count;
  const auto describe = [&](const char* name, const Cost& cost) {
    fmt::print("{:<9}{:>7}{:>14.0f}{:>14.0f}{:>12.2f}{:>12.2f}\n", name, values,
               records / cost.wall, records * values / cost.wall, cost.client / records * 1e6,
               cost.server / records * 1e6);
    return fmt::format(
        R"({{"records_per_second":{:.0f},"values_per_second":{:.0f},"client_us":{:.3f},"server_us":{:.3f}}})",
        records / cost.wall, records * values / cost.wall, cost.client / records * 1e6,
        cost.server / records * 1e6);
  };
  const auto raw_text = describe("raw COPY", fastest(raw));
  const auto our_text = describe("unity", fastest(ours));
  const auto ratio = fastest(raw).wall / fastest(ours).wall;
  fmt::print("ratio {:.2f}\n", ratio);
  return fmt::format(R"({{"values":{},"raw":{},"unity":{},"ratio":{:.3f}}})", values, raw_text,
                     our_text, ratio);
}

}  // namespace
}  // namespace unity::test

int main(int argc, char** argv) {
  const int batches = argc > 1 ? std::max(1, std::atoi(argv[1])) : 50;
  const int rounds = argc > 2 ? std::max(1, std::atoi(argv[2])) : 3;
  fmt::print(
      "{} batches of {} records, the fastest of {} rounds; CPU in us a record, of this "
      "process and of the server's\n{:<9}{:>7}{:>14}{:>14}{:>12}{:>12}\n",
      batches, unity::test::kRecords, rounds, "", "values", "records/s", "values/s", "client CPU",
      "server CPU");
  try {
    const auto one = unity::test::compare(1, batches, rounds);
    const auto five = unity::test::compare(5, batches, rounds);
    fmt::print("[{},{}]\n", one, five);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
