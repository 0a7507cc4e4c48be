#include "workers/confinement_of.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>

#include "workers/seccomp_filter.hpp"

namespace unity::host {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

Permissions permissions_of(std::string_view text) {
  std::vector<PermissionProblem> problems;
  auto permissions = change_permissions({}, read_permissions(*json::parse(text), problems));
  EXPECT_THAT(problems, IsEmpty());
  return permissions;
}

TEST(ConfinementOf, CarriesEveryPermissionAndLimit) {
  const auto made = confinement_of(permissions_of(R"({"files": ["/a:r", "/b:wx"], "spawn": true,
                         "network": ["tcp:*:80", "listen:tcp:*", "unix"]})"),
                                   {64 << 20, 32, 1500ms, 8});

  ASSERT_TRUE(made) << made.error().message;
  ASSERT_EQ(made->paths.size(), 2u);
  EXPECT_EQ(made->paths[0].path, "/a");
  EXPECT_TRUE(made->paths[0].read && !made->paths[0].write && !made->paths[0].execute);
  EXPECT_TRUE(!made->paths[1].read && made->paths[1].write && made->paths[1].execute);
  EXPECT_THAT(made->connect.ports, ElementsAre(80));
  EXPECT_TRUE(made->listen.any);
  EXPECT_TRUE(made->looks_up_names && made->abstract_sockets && made->spawn);
  EXPECT_EQ(made->limits.memory, std::uint64_t{64} << 20);
  EXPECT_EQ(made->limits.files, 32u);
  EXPECT_EQ(made->limits.cpu_seconds, 2u);  // never less than was asked for
  EXPECT_EQ(made->limits.processes, 8u);
}

TEST(ConfinementOf, NothingAllowsNothing) {
  const auto made = confinement_of({}, {});

  ASSERT_TRUE(made);
  EXPECT_THAT(made->paths, IsEmpty());
  EXPECT_FALSE(made->connect.any || made->listen.any || made->looks_up_names ||
               made->abstract_sockets || made->spawn);
  EXPECT_EQ(made->limits.cpu_seconds, 0u);
}

TEST(SeccompFilter, IsAProgramThatTheKernelTakesWhateverIsAllowed) {
  for (const auto* text :
       {"{}", R"({"spawn": true})", R"({"network": ["udp"]})",
        R"({"network": ["tcp:*:*", "udp", "unix", "netlink"], "spawn": true})"}) {
    const auto filter = build_seccomp_filter(permissions_of(text));

    ASSERT_TRUE(filter) << filter.error().message;
    EXPECT_EQ(filter->size() % sizeof(sock_filter), 0u);
    EXPECT_GT(filter->size() / sizeof(sock_filter), 50u);
    EXPECT_LE(filter->size() / sizeof(sock_filter), std::size_t{BPF_MAXINSNS}) << text;
  }
}

TEST(UniteLimits, TakesTheLargerOfEachAndNoLimitForTheLargest) {
  EXPECT_EQ(unite_limits({1, 20, 3s, 40}, {10, 2, 30s, 4}), (WorkerLimits{10, 20, 30s, 40}));
  EXPECT_EQ(unite_limits({1, 2, 3s, 4}, {1, 2, 0s, 4}), (WorkerLimits{1, 2, 0s, 4}));
}

}  // namespace
}  // namespace unity::host
