#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>

#include "plugins/collector.hpp"
#include "plugins/scratch_tree.hpp"

namespace unity::testing {
namespace {

constexpr auto kEth0 = R"({"interface":"eth0"})";
constexpr std::uint64_t kMinuteNs = 60'000'000'000;

std::string pages(std::uint64_t count) {
  return std::to_string(count * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}

TEST(Network, ReportsEachInterface) {
  Collector collector(NETWORK_PLUGIN, rooted(fixture("network/root")));
  const auto emitted = collector.run();

  EXPECT_EQ(emitted.count("interface"), 4u);
  EXPECT_EQ(emitted.values("interface", kEth0),
            R"({"rx_bytes":4294967296,"rx_packets":4294967295,"rx_errors":1,"rx_dropped":2,)"
            R"("rx_multicast":6,"tx_bytes":18446744073709551615,"tx_packets":10,"tx_errors":7,)"
            R"("tx_dropped":8,"collisions":11})");
  EXPECT_EQ(emitted.number("interface", "collisions", R"({"interface":"br-a@b.100"})"), 14);
  EXPECT_EQ(emitted.number("interface", "tx_bytes", "{\"interface\":\"wl\xEF\xBF\xBDp\\\"1\"}"), 2);
}

TEST(Network, LeavesOutWhatIsExcluded) {
  Collector collector(NETWORK_PLUGIN,
                      rooted(fixture("network/root"), R"("exclude":["lo","br-*"])"));
  EXPECT_EQ(collector.run().count("interface"), 2u);
}

TEST(Network, ReportsTheStateOfLinks) {
  Collector collector(NETWORK_PLUGIN, rooted(fixture("network/root")));
  const auto emitted = collector.run();

  EXPECT_EQ(emitted.count("link"), 3u);
  EXPECT_EQ(emitted.values("link", kEth0), R"({"up":true,"speed":125000000})");
  EXPECT_EQ(emitted.values("link", R"({"interface":"lo"})"), R"({"up":true})");
  EXPECT_EQ(emitted.values("link", R"({"interface":"br-a@b.100"})"), R"({"up":false})");
}

TEST(Network, AsksForTheSpeedAfterAChangeOrAMinute) {
  ScratchTree tree(fixture("network/root"));
  Collector collector(NETWORK_PLUGIN, rooted(tree.path()));
  collector.run();
  tree.write("sys/class/net/eth0/speed", "100\n");
  EXPECT_EQ(collector.run().number("link", "speed", kEth0), 125e6);

  collector.host.advance_ns(kMinuteNs);
  EXPECT_EQ(collector.run().number("link", "speed", kEth0), 12.5e6);

  tree.write("sys/class/net/eth0/operstate", "down\n");
  EXPECT_EQ(collector.run().values("link", kEth0), R"({"up":false})");
  tree.write("sys/class/net/eth0/operstate", "up\n");
  tree.write("sys/class/net/eth0/speed", "10\n");
  EXPECT_EQ(collector.run().number("link", "speed", kEth0), 1.25e6);
}

TEST(Network, ReportsSocketsAndTcp) {
  Collector collector(NETWORK_PLUGIN, rooted(fixture("network/root")));
  const auto emitted = collector.run();

  EXPECT_EQ(emitted.values("sockets"),
            R"({"used":120,"tcp_in_use":5,"tcp_orphans":1,"tcp_time_wait":7,"tcp_allocated":9,)"
            R"("tcp_memory":)" +
                pages(3) + R"(,"udp_in_use":4,"udp_memory":)" + pages(2) +
                R"(,"tcp6_in_use":2,"udp6_in_use":3})");
  EXPECT_EQ(emitted.values("tcp"),
            R"({"active_opens":14,"passive_opens":4294967296,"failed_attempts":3,)"
            R"("established":5,"segments_received":953,"segments_sent":518,)"
            R"("segments_retransmitted":6,"segments_bad":7,"resets_received":4,"resets_sent":8})");
}

TEST(Network, AKernelWithoutPartsLeavesThemOut) {
  ScratchTree tree(fixture("network/root"));
  for (const auto* file : {"proc/net/sockstat", "proc/net/snmp", "sys"}) tree.remove(file);
  Collector collector(NETWORK_PLUGIN, rooted(tree.path()));
  const auto emitted = collector.run();

  EXPECT_EQ(emitted.count("interface"), 4u);
  EXPECT_EQ(emitted.count("link") + emitted.count("sockets") + emitted.count("tcp"), 0u);
}

TEST(Network, PrefersTheNamespaceOfProcessOneUnderAnotherRoot) {
  ScratchTree tree(fixture("network/root"));
  tree.write("proc/1/net/dev", "a\nb\n host0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
  Collector collector(NETWORK_PLUGIN, rooted(tree.path()));
  EXPECT_EQ(collector.run().number("interface", "rx_bytes", R"({"interface":"host0"})"), 1);
}

std::size_t descriptors() {
  const std::filesystem::directory_iterator folder("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(folder), end(folder)));
}

TEST(Network, ManyInterfacesTakeFewDescriptors) {
  ScratchTree tree(fixture("network/root"));
  std::string dev = "a\nb\n";
  for (int i = 0; i < 200; ++i) {
    const auto name = "veth" + std::to_string(i);
    dev += name + ": 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n";
    tree.write("sys/class/net/" + name + "/operstate", "up\n");
    tree.write("sys/class/net/" + name + "/speed", "10000\n");
  }
  tree.write("proc/net/dev", dev);
  const auto before = descriptors();
  Collector collector(NETWORK_PLUGIN, rooted(tree.path()));

  EXPECT_EQ(collector.run().count("link"), 200u);
  EXPECT_EQ(collector.run().count("link"), 200u);
  EXPECT_LT(descriptors(), before + 50);
}

TEST(Network, NamesTheMalformedLine) {
  ScratchTree tree(fixture("network/root"));
  Collector collector(NETWORK_PLUGIN, rooted(tree.path()));
  tree.write("proc/net/dev", "a\nb\neth0: 1 2 3\n");
  const auto outcome = collector.instance.collect();

  EXPECT_EQ(outcome.status, UNITY_E_TRANSIENT);
  EXPECT_EQ(outcome.code, "unity.network.unreadable");
  EXPECT_EQ(outcome.message, "cannot read interface counters from " + tree.path() +
                                 "/proc/net/dev: line 3 is 'eth0: 1 2 3'");
}

}  // namespace
}  // namespace unity::testing
