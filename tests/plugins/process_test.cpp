#include <gtest/gtest.h>
#include <unistd.h>

#include "plugins/collector.hpp"
#include "plugins/scratch_tree.hpp"

namespace unity::testing {
namespace {

constexpr std::uint64_t kSecondNs = 1'000'000'000;
constexpr auto kNginx = R"({"service":"nginx"})";

std::string pages(std::uint64_t count) {
  return std::to_string(count * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}

// A /proc/<pid>/stat; the fields that matter only.
std::string stat(int pid, const std::string& name, int ticks, int start, int rss) {
  return std::to_string(pid) + " (" + name + ") S 1 1 1 0 -1 0 0 0 0 0 " + std::to_string(ticks) +
         " 0 0 0 20 0 1 0 " + std::to_string(start) + " 9999 " + std::to_string(rss) + " 0 0\n";
}

std::string name_at(const Emitted& emitted, const std::string& by, int rank) {
  const auto tags = R"({"by":")" + by + R"(","rank":")" + std::to_string(rank) + "\"}";
  const auto* record = emitted.find("process_top", tags);
  return record == nullptr ? "nobody" : *record->find("values")->find("name")->string();
}

TEST(Process, CountsStates) {
  Collector collector(PROCESS_PLUGIN, rooted(fixture("process/root")));
  EXPECT_EQ(collector.run().values("process_states"),
            R"({"total":11,"running":1,"sleeping":6,"uninterruptible":1,"stopped":1,"zombie":1,)"
            R"("idle":1,"threads":16})");
}

TEST(Process, RanksByMemoryAtOnce) {
  Collector collector(PROCESS_PLUGIN, rooted(fixture("process/root"), R"("top":8)"));
  const auto emitted = collector.run();

  EXPECT_EQ(emitted.count("process_top"), 7u) << "what has no memory has no rank";
  EXPECT_EQ(emitted.values("process_top", R"({"by":"memory","rank":"1"})"),
            R"({"name":"systemd","pid":1,"rss":)" + pages(3000) + "}");
  EXPECT_EQ(name_at(emitted, "memory", 4), "a) b (c");
  EXPECT_EQ(name_at(emitted, "memory", 5), "a-very-long-nam");
  EXPECT_EQ(name_at(emitted, "memory", 6), "x\xEF\xBF\xBDy");
  EXPECT_EQ(name_at(emitted, "memory", 7), "two\nlines");
}

TEST(Process, RanksByCpuFromTheSecondRunOn) {
  ScratchTree tree(fixture("process/root"));
  Collector collector(PROCESS_PLUGIN, rooted(tree.path(), R"("top":2)"));
  EXPECT_EQ(collector.run().count("process_top"), 2u);
  collector.host.advance_ns(2 * kSecondNs);
  tree.write("proc/100/stat", stat(100, "a) b (c", 130, 700, 500));  // 100 ticks more
  tree.write("proc/500/stat", stat(500, "new", 300, 9000, 1));
  tree.write("proc/103/stat", stat(103, "reused", 10, 9001, 1));

  const auto emitted = collector.run();
  EXPECT_EQ(emitted.count("process_top"), 4u);
  EXPECT_EQ(emitted.values("process_top", R"({"by":"cpu","rank":"1"})"),
            R"({"name":"new","pid":500,"rss":)" + pages(1) + R"(,"cpu_percent":150})");
  EXPECT_EQ(emitted.values("process_top", R"({"by":"cpu","rank":"2"})"),
            R"({"name":"a) b (c","pid":100,"rss":)" + pages(500) + R"(,"cpu_percent":50})");
}

TEST(Process, RanksNobodyIfAsked) {
  Collector collector(PROCESS_PLUGIN, rooted(fixture("process/root"), R"("top":0)"));
  EXPECT_EQ(collector.run().count("process_top"), 0u);
}

TEST(Process, AddsUpServices) {
  Collector collector(PROCESS_PLUGIN,
                      rooted(fixture("process/root"),
                             R"("services":["nginx","sshd","a-very-long-name-of-a-service"])"));
  const auto emitted = collector.run();

  EXPECT_EQ(emitted.values("process_group", kNginx),
            R"({"up":true,"count":2,"threads":4,"rss":)" + pages(3000) + R"(,"cpu_time":3.5})");
  EXPECT_EQ(emitted.values("process_group", R"({"service":"sshd"})"),
            R"({"up":false,"count":0,"threads":0,"rss":0,"cpu_time":0})");
  EXPECT_EQ(
      emitted.number("process_group", "count", R"({"service":"a-very-long-name-of-a-service"})"),
      1);
}

TEST(Process, TheCpuTimeOfAServiceNeverFalls) {
  ScratchTree tree(fixture("process/root"));
  Collector collector(PROCESS_PLUGIN, rooted(tree.path(), R"("services":["nginx"])"));
  EXPECT_DOUBLE_EQ(collector.run().number("process_group", "cpu_time", kNginx), 3.5);

  tree.remove("proc/101");
  EXPECT_DOUBLE_EQ(collector.run().number("process_group", "cpu_time", kNginx), 3.5);

  tree.write("proc/102/stat", stat(102, "nginx", 75, 801, 1));   // 25 ticks more
  tree.write("proc/101/stat", stat(101, "nginx", 10, 5000, 1));  // the pid again, a new process
  EXPECT_DOUBLE_EQ(collector.run().number("process_group", "cpu_time", kNginx), 3.85);
}

TEST(Process, NamesTheProcessThatMakesNoSense) {
  ScratchTree tree(fixture("process/root"));
  tree.write("proc/7/stat", "7 nonsense\n");
  Collector collector(PROCESS_PLUGIN, rooted(tree.path()));
  const auto outcome = collector.instance.collect();

  EXPECT_EQ(outcome.status, UNITY_E_TRANSIENT);
  EXPECT_EQ(outcome.code, "unity.process.unreadable");
  EXPECT_EQ(outcome.message,
            "cannot read a process from " + tree.path() + "/proc/7/stat: it says '7 nonsense\n'");
}

TEST(Process, StopsWhenCancelled) {
  Collector collector(PROCESS_PLUGIN, rooted(fixture("process/root")));
  collector.instance.cancel();
  EXPECT_EQ(collector.instance.collect().status, UNITY_E_CANCELLED);
}

TEST(Process, OptionsThatAreNotFilledInAreABugOfTheHostAndSaidSo) {
  const auto plugin = testkit::Plugin::load(PROCESS_PLUGIN);
  const testkit::Plugin without_schema(plugin.collector());
  testkit::Host host;
  const testkit::Instance instance(host, without_schema, "{}");

  EXPECT_EQ(instance.created().status, UNITY_E_INTERNAL);
  EXPECT_NE(instance.created().message.find("root"), std::string::npos);
}

}  // namespace
}  // namespace unity::testing
