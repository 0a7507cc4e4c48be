// Prints what a small commit costs: the CPU of writing five frames, as the host does a few times a
// second. A program for people, not a test. Usage: unity_write_cost [commits]
#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdlib>

#include "db/records.hpp"
#include "support/temp_dir.hpp"
#include "unity/db/open.hpp"
#include "unity/db/schema.hpp"

namespace {

double cpu_micros() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace unity;
  const int commits = argc > 1 ? std::atoi(argv[1]) : 2000;
  const test::TempDir dir;
  const db::DatabaseConfig config{"sqlite", dir / "unity.db"};
  const auto upgraded = db::upgrade_schema(config, "benchmark");
  auto database = db::open_database(config);
  if (!upgraded || !database) return 1;
  const auto start = cpu_micros();
  for (int i = 0; i < commits; ++i) {
    std::vector<Record> batch;
    for (int source = 0; source < 5; ++source) {
      std::vector<Field> fields;
      for (int n = 0; n < 10; ++n) {
        fields.push_back(test::field("field" + std::to_string(n), i * 0.37 + n));
      }
      batch.push_back(test::record("metric", test::at_second(i), std::move(fields),
                                   {{"source", std::to_string(source)}}));
    }
    const auto written = (*database)->storage().write(batch);
    if (!written || !written->empty()) return 1;
  }
  fmt::print("{} commits of 5 frames of 10 numbers: {:.0f} us of CPU each\n", commits,
             (cpu_micros() - start) / commits);
  return 0;
}
