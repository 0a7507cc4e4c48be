#include <gtest/gtest.h>
#include <unistd.h>

#include "plugins/collector.hpp"
#include "plugins/scratch_tree.hpp"

namespace unity::testing {
namespace {

std::string pages(std::uint64_t count) {
  return std::to_string(count * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}

TEST(System, ReportsEachCoreInSeconds) {
  Collector collector(SYSTEM_PLUGIN, rooted(fixture("system/root")));
  const auto emitted = collector.run();

  EXPECT_EQ(emitted.count("cpu"), 5u);
  EXPECT_EQ(emitted.values("cpu", R"({"cpu":"total"})"),
            R"({"user":400,"nice":4,"system":200,"idle":10000,"iowait":50,"irq":0,"softirq":3,)"
            R"("steal":1.2,"guest":10})");
  EXPECT_EQ(emitted.values("cpu", R"({"cpu":"2"})"),
            R"({"user":100,"nice":1,"system":50,"idle":2500,"iowait":12.5,"irq":0,"softirq":0.75,)"
            R"("steal":0.3,"guest":10})");
  EXPECT_DOUBLE_EQ(emitted.number("cpu", "user", R"({"cpu":"3"})"), 18446744073709551615.0 / 100);
  EXPECT_DOUBLE_EQ(emitted.number("cpu", "nice", R"({"cpu":"3"})"), 42949672.96);
}

TEST(System, ReportsOnlyTheTotalIfAsked) {
  Collector collector(SYSTEM_PLUGIN, rooted(fixture("system/root"), R"("per_core":false)"));
  EXPECT_EQ(collector.run().count("cpu"), 1u);
}

TEST(System, ReportsTheShareUsedFromTheSecondRunOn) {
  ScratchTree tree(fixture("system/no_psi"));
  Collector collector(SYSTEM_PLUGIN, rooted(tree.path()));
  collector.run();
  tree.write("proc/stat", "cpu  130 0 60 1060\ncpu0 130 0 60 1060\n");

  EXPECT_DOUBLE_EQ(collector.run().number("cpu", "used_percent", R"({"cpu":"0"})"), 40);
}

TEST(System, ReportsWhatTheKernelCounted) {
  Collector collector(SYSTEM_PLUGIN, rooted(fixture("system/root")));
  const auto emitted = collector.run();

  EXPECT_EQ(emitted.values("kernel"),
            R"({"running":3,"blocked":1,"forks":123456,"context_switches":4294967297,)"
            R"("interrupts":18446744073709551615})");
  EXPECT_EQ(emitted.values("load"),
            R"({"one":0.12,"five":1.5,"fifteen":12.25,"runnable":3,"threads":456})");
  EXPECT_EQ(*emitted.find("load")->find("summary")->string(), "load 0.12, memory 25 % used");
  EXPECT_EQ(emitted.values("uptime"), R"({"seconds":123456.78})");
}

TEST(System, ReportsMemoryAndSwapInBytes) {
  Collector collector(SYSTEM_PLUGIN, rooted(fixture("system/root")));
  const auto emitted = collector.run();

  EXPECT_EQ(emitted.values("memory"),
            R"({"total":16384000000,"free":2048000000,"available":12288000000,"used":4096000000,)"
            R"("used_percent":25,"buffers":102400000,"cached":9216000000,"shared":20480000,)"
            R"("slab":614400000,"reclaimable":409600000,"anonymous":1024000000,)"
            R"("mapped":307200000,"page_tables":16384000,"kernel_stack":8192000,"dirty":524288,)"
            R"("writeback":4096,"committed":3072000000})");
  EXPECT_EQ(emitted.values("swap"),
            R"({"total":2048000000,"free":1536000000,"used":512000000,"cached":12288,"in":)" +
                pages(10) + R"(,"out":)" + pages(4294967296) + "}");
}

TEST(System, ReportsPressureWhereTheKernelHasIt) {
  Collector collector(SYSTEM_PLUGIN, rooted(fixture("system/root")));
  const auto emitted = collector.run();

  EXPECT_EQ(emitted.count("pressure"), 2u);
  EXPECT_EQ(emitted.values("pressure", R"({"resource":"io"})"),
            R"({"some_avg10":0,"some_avg60":0,"some_avg300":0,"some_total":1e-06,)"
            R"("full_avg10":0.1,"full_avg60":0.2,"full_avg300":0.3,"full_total":2.5})");
}

TEST(System, AnOldKernelLacksParts) {
  Collector collector(SYSTEM_PLUGIN, rooted(fixture("system/no_psi")));
  const auto emitted = collector.run();

  EXPECT_EQ(emitted.count("pressure"), 0u);
  EXPECT_EQ(emitted.count("uptime"), 0u);
  EXPECT_EQ(emitted.number("memory", "available"), 500 * 1024);
  EXPECT_EQ(emitted.values("swap"), R"({"total":0,"free":0,"used":0,"cached":0})");
}

TEST(System, ARootWithoutProcIsAMistakeOfTheConfiguration) {
  testkit::Host host;
  const testkit::Instance instance(host, testkit::Plugin::load(SYSTEM_PLUGIN),
                                   rooted("/nowhere/at/all"));

  EXPECT_EQ(instance.created().status, UNITY_E_CONFIG);
  EXPECT_EQ(instance.created().code, "unity.system.no_proc");
  EXPECT_EQ(instance.created().message,
            "there is no folder /nowhere/at/all/proc: mount the proc file system there or correct "
            "the option 'root'");
}

struct Spoiled {
  const char* file;
  const char* text;
  const char* message;  // behind the name of the file
};

class SystemSpoiled : public ::testing::TestWithParam<Spoiled> {};

TEST_P(SystemSpoiled, NamesTheFileAndTheLine) {
  ScratchTree tree(fixture("system/root"));
  tree.write(GetParam().file, GetParam().text);
  Collector collector(SYSTEM_PLUGIN, rooted(tree.path()));
  const auto outcome = collector.instance.collect();

  EXPECT_EQ(outcome.status, UNITY_E_TRANSIENT);
  EXPECT_EQ(outcome.code, "unity.system.unreadable");
  const auto expected = tree.path() + "/" + GetParam().file + ": " + GetParam().message;
  EXPECT_NE(outcome.message.find(expected), std::string::npos) << outcome.message;
}

INSTANTIATE_TEST_SUITE_P(
    Files, SystemSpoiled,
    ::testing::Values(
        Spoiled{"proc/stat", "xyz\n", "line 1 is 'xyz'"},
        Spoiled{"proc/stat", "cpu  1 2 3\n", "line 1 is 'cpu  1 2 3'"},
        Spoiled{"proc/stat", "cpu  1 2 3 4\ncpux 1 2 3 4\n", "line 2 is 'cpux 1 2 3 4'"},
        Spoiled{"proc/stat", "cpu  1 2 3 4\ncpu99999999 1 2 3 4\n", "line 2 is"},
        Spoiled{"proc/stat", "cpu  1 2 3 18446744073709551616\n", "line 1 is"},
        Spoiled{"proc/stat", "cpu  1 2 3 4\nctxt\n", "line 2 is 'ctxt'"},
        Spoiled{"proc/stat", "", "it has no such line"},
        Spoiled{"proc/loadavg", "0.1 0.2\n", "line 1 is '0.1 0.2'"},
        Spoiled{"proc/loadavg", "0.1 0.2 0.3 4 5\n", "line 1 is"},
        Spoiled{"proc/uptime", "soon\n", "line 1 is 'soon'"},
        Spoiled{"proc/meminfo", "MemTotal: much kB\n", "line 1 is 'MemTotal: much kB'"},
        Spoiled{"proc/meminfo", "MemFree: 5 kB\n", "it has no such line"},
        Spoiled{"proc/meminfo",
                "\x7F"
                "ELF\n",
                "line 1 is"},
        Spoiled{"proc/vmstat", "a 1\npswpin x\n", "line 2 is 'pswpin x'"},
        Spoiled{"proc/pressure/cpu", "some avg10=x\n", "line 1 is 'some avg10=x'"}));

TEST(System, RecoversWhenTheFileDoes) {
  ScratchTree tree(fixture("system/root"));
  Collector collector(SYSTEM_PLUGIN, rooted(tree.path()));
  tree.write("proc/uptime", "soon\n");
  EXPECT_EQ(collector.instance.collect().status, UNITY_E_TRANSIENT);
  tree.write("proc/uptime", "5.5 1.0\n");

  EXPECT_EQ(collector.run().number("uptime", "seconds"), 5.5);
}

TEST(System, AMissingFileThatEveryKernelHasIsNamed) {
  ScratchTree tree(fixture("system/root"));
  tree.remove("proc/meminfo");
  Collector collector(SYSTEM_PLUGIN, rooted(tree.path()));

  EXPECT_EQ(collector.instance.collect().message,
            "cannot open " + tree.path() + "/proc/meminfo: No such file or directory");
}

}  // namespace
}  // namespace unity::testing
