#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <utility>

#include "plugins/live.hpp"

namespace unity::testing {
namespace {

TEST(LiveSystem, CpuTimesAreThoseOfTheKernel) {
  Collector collector(SYSTEM_PLUGIN, kLive);
  const auto hz = static_cast<double>(::sysconf(_SC_CLK_TCK));
  static constexpr const char* states[] = {"user", "nice", "system", "idle", "iowait"};
  for (int state = 0; state < 5; ++state) {
    const auto seen =
        bracket(collector, [&] { return word_of(slurp("/proc/stat"), "cpu ", state + 1) / hz; });
    expect_between(seen.before, seen.emitted.number("cpu", states[state], R"({"cpu":"total"})"),
                   seen.after, 0.001, states[state]);
  }
}

TEST(LiveSystem, ThereAreAsManyCoresAsNprocSays) {
  Collector collector(SYSTEM_PLUGIN, kLive);
  const auto online = ::sysconf(_SC_NPROCESSORS_ONLN);
  EXPECT_EQ(collector.run().count("cpu"), static_cast<std::size_t>(online) + 1);
  // nproc heeds the affinity of the process, so it may say less.
  EXPECT_GE(online, std::strtol(output_of("nproc").c_str(), nullptr, 10));
}

TEST(LiveSystem, LoadIsThatOfTheSystem) {
  Collector collector(SYSTEM_PLUGIN, kLive);
  const auto seen = bracket(collector, [] {
    double load[3] = {};
    ::getloadavg(load, 3);
    return load[0];
  });
  expect_between(seen.before, seen.emitted.number("load", "one"), seen.after, 0.011, "load");
}

TEST(LiveSystem, UptimeIsTheClockSinceBoot) {
  Collector collector(SYSTEM_PLUGIN, kLive);
  const auto seen = bracket(collector, [] {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
  });
  expect_between(seen.before, seen.emitted.number("uptime", "seconds"), seen.after, 0.011,
                 "uptime");
}

TEST(LiveSystem, KernelCountsGrowWithTheKernels) {
  Collector collector(SYSTEM_PLUGIN, kLive);
  const std::pair<const char*, const char*> counts[] = {
      {"context_switches", "ctxt"}, {"interrupts", "intr"}, {"forks", "processes"}};
  for (const auto& [field, key] : counts) {
    const auto seen =
        bracket(collector, [name = key] { return word_of(slurp("/proc/stat"), name, 1); });
    expect_between(seen.before, seen.emitted.number("kernel", field), seen.after, 0, field);
  }
}

TEST(LiveSystem, MemoryIsThatOfFree) {
  const auto before = output_of("free -b -w");
  if (before.empty()) GTEST_SKIP() << "free (procps) is not installed";
  Collector collector(SYSTEM_PLUGIN, kLive);
  const auto emitted = collector.run();
  const auto after = output_of("free -b -w");

  EXPECT_EQ(emitted.number("memory", "total"), word_of(before, "Mem:", 1));
  EXPECT_EQ(emitted.number("swap", "total"), word_of(before, "Swap:", 1));
  const std::pair<const char*, int> columns[] = {
      {"free", 3}, {"shared", 4}, {"buffers", 5}, {"available", 7}};
  for (const auto& [field, column] : columns) {
    expect_between(word_of(before, "Mem:", column), emitted.number("memory", field),
                   word_of(after, "Mem:", column), 200 * kMegabyte, field);
  }
}

}  // namespace
}  // namespace unity::testing
