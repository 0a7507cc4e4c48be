#include <gtest/gtest.h>

#include <filesystem>

#include "plugins/live.hpp"

namespace unity::testing {
namespace {

TEST(LiveNetwork, CountersAreThoseOfSys) {
  Collector collector(NETWORK_PLUGIN, kLive);
  std::size_t interfaces = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/sys/class/net")) {
    if (!entry.is_directory()) continue;  // bonding_masters
    ++interfaces;
    const auto name = entry.path().filename().string();
    const auto tags = R"({"interface":")" + name + "\"}";
    for (const auto* field : {"rx_bytes", "rx_packets", "tx_bytes", "tx_packets", "tx_errors"}) {
      const auto path = entry.path().string() + "/statistics/" + field;
      const auto seen = bracket(collector, [&] { return number_in(path); });
      expect_between(seen.before, seen.emitted.number("interface", field, tags), seen.after, 0,
                     name + " " + field);
    }
  }
  EXPECT_EQ(collector.run().count("interface"), interfaces);
}

TEST(LiveNetwork, LinksAreUpAsIpSays) {
  const auto links = output_of("ip -o link show");
  if (links.empty()) GTEST_SKIP() << "ip (iproute2) is not installed";
  Collector collector(NETWORK_PLUGIN, kLive);
  const auto emitted = collector.run();
  std::istringstream lines(links);
  for (std::string line; std::getline(lines, line);) {
    auto name = line.substr(line.find(' ') + 1);
    name = name.substr(0, name.find_first_of(":@"));
    const auto tags = R"({"interface":")" + name + "\"}";
    const bool down = line.find("state UP") == line.npos && line.find("state UNKNOWN") == line.npos;
    EXPECT_EQ(emitted.values("link", tags).starts_with(R"({"up":true)"), !down) << line;
  }
}

TEST(LiveNetwork, TcpCountersAreThoseOfTheKernel) {
  Collector collector(NETWORK_PLUGIN, kLive);
  const auto seen = bracket(collector, [] {
    const auto snmp = slurp("/proc/net/snmp");
    const auto second = snmp.find("Tcp:", snmp.find("Tcp:") + 1);  // the line of numbers
    return word_of(snmp.substr(second), "Tcp:", 10);
  });
  expect_between(seen.before, seen.emitted.number("tcp", "segments_received"), seen.after, 0,
                 "InSegs");
}

}  // namespace
}  // namespace unity::testing
