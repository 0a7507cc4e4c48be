// Prints what one collect() costs in CPU time: plugins_benchmark [runs].
#include <time.h>

#include <cstdio>
#include <cstdlib>

#include "unity/testkit.hpp"

namespace {

double cpu_us() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::atoi(argv[1]) : 1000;
  for (const auto* plugin : {SYSTEM_PLUGIN, DISK_PLUGIN, NETWORK_PLUGIN, PROCESS_PLUGIN}) {
    unity::testkit::Host host;
    unity::testkit::Instance instance(host, unity::testkit::Plugin::load(plugin));
    const auto bytes = instance.collect().text().size();
    const auto start = cpu_us();
    for (int i = 0; i < runs; ++i) {
      host.advance_ns(1'000'000'000);
      if (instance.collect().status != UNITY_OK) return 1;
    }
    std::printf("%8.1f us  %6zu bytes  %s\n", (cpu_us() - start) / runs, bytes, plugin);
  }
  return 0;
}
