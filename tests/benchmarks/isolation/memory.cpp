// What workers with one instance each weigh, after a call.
#include <fmt/format.h>

#include <fstream>

#include "benchmarks/isolation/measurements.hpp"

namespace unity::host {
namespace {

// A line "Name:  123 kB" of a file of the kernel's.
double kib_of(pid_t process, const char* file, std::string_view name) {
  std::ifstream in(fmt::format("/proc/{}/{}", process, file));
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(name) && line[name.size()] == ':') {
      return std::strtod(line.c_str() + name.size() + 1, nullptr);
    }
  }
  give_up(fmt::format("the kernel does not say {} of a worker", name));
}

std::string measure_one(Setup& setup, int count) {
  std::vector<std::shared_ptr<PooledWorker>> pools;
  std::vector<std::unique_ptr<Collector>> collectors;
  Caller caller;
  for (int i = 0; i < count; ++i) {
    pools.push_back(setup.new_pool());
    collectors.push_back(setup.in_worker(answering(400), pools.back()));
    caller.call(*collectors.back());
  }
  std::vector<double> shares;
  std::vector<double> privates;
  std::vector<double> tables;
  for (const auto& pool : pools) {
    const pid_t process = (*pool->get())->pid();
    shares.push_back(kib_of(process, "smaps_rollup", "Pss"));
    privates.push_back(kib_of(process, "smaps_rollup", "Private_Dirty"));
    tables.push_back(kib_of(process, "status", "VmPTE"));
  }
  collectors.clear();
  for (const auto& pool : pools) (*pool->get())->kill("it was measured");
  return fmt::format(R"({{"workers":{},"pss_kib":{},"private_dirty_kib":{},"page_tables_kib":{}}})",
                     count, list(shares), list(privates), list(tables));
}

}  // namespace

void measure_memory(Setup& setup) {
  std::vector<std::string> results;
  for (const int count : {1, 10, 100}) results.push_back(measure_one(setup, count));
  fmt::print("[{}]\n", fmt::join(results, ",\n"));
}

}  // namespace unity::host
