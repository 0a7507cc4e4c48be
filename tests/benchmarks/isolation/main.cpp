// What isolation costs, measured with the host's own classes and the real unity-worker. Prints one
// JSON object; isolation.py makes a table of it.
// Usage: unity_isolation_bench PLUGIN WORKER calls|streams|faults|starts|memory ROUNDS
#include <fmt/format.h>
#include <signal.h>

#include <cstdlib>
#include <functional>
#include <map>

#include "benchmarks/isolation/measurements.hpp"
#include "log/log.hpp"

int main(int argc, char** argv) {
  using namespace unity::host;
  const std::map<std::string, std::function<void(Setup&, int)>> all = {
      {"calls", measure_round_trips},
      {"streams", measure_streams},
      {"faults", measure_faults},
      {"starts", measure_starts},
      {"memory", [](Setup& setup, int) { measure_memory(setup); }}};
  const auto found = argc == 5 ? all.find(argv[3]) : all.end();
  const int rounds = argc == 5 ? std::atoi(argv[4]) : 0;
  if (found == all.end() || rounds < 1) {
    fmt::print(stderr, "usage: {} PLUGIN WORKER calls|streams|faults|starts|memory ROUNDS\n",
               argv[0]);
    return 2;
  }
  all_processors();                // before anything is placed
  start_logging(LogLevel::error);  // that workers end is what is measured
  Setup setup(argv[1], argv[2]);
  found->second(setup, rounds);
}
