#include "worker/confine/denials.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "worker/confine/kernel_offer.hpp"

namespace unity::worker {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Denial numbered(std::uint64_t number) {
  Denial denial;
  denial.kind = Denial::Kind::connect;
  denial.first = number;
  return denial;
}

void take_all() {
  while (Denials::of_process().take()) {
  }
  Denials::of_process().take_lost();
}

TEST(Denials, AreTakenInTheirOrderAndCountedWhenThereIsNoRoom) {
  auto& denials = Denials::of_process();
  take_all();

  for (std::uint64_t i = 0; i < 20; ++i) denials.note(numbered(i));

  std::uint64_t taken = 0;
  while (const auto denial = denials.take()) EXPECT_EQ(denial->first, taken++);
  EXPECT_GT(taken, 0u);
  EXPECT_EQ(taken + denials.take_lost(), 20u);
  EXPECT_EQ(denials.take_lost(), 0u);
  denials.note(numbered(7));
  EXPECT_EQ(denials.take()->first, 7u);
}

TEST(Denials, OfManyThreadsAreTakenOnceEach) {
  auto& denials = Denials::of_process();
  take_all();
  constexpr std::uint64_t kEach = 20'000;
  std::atomic<int> running{3};
  std::vector<std::thread> threads;
  for (std::uint64_t lane = 0; lane < 3; ++lane) {
    threads.emplace_back([&, lane] {
      for (std::uint64_t i = 0; i < kEach; ++i) denials.note(numbered(lane << 32 | i));
      --running;
    });
  }

  std::vector<std::uint64_t> next(3, 0);
  std::uint64_t taken = 0;
  for (bool last = false; !last;) {
    last = running == 0;
    while (const auto denial = denials.take()) {
      const auto lane = denial->first >> 32;
      ASSERT_LT(lane, 3u);
      EXPECT_GE(denial->first & 0xffff'ffff, next[lane]);
      next[lane] = (denial->first & 0xffff'ffff) + 1;
      ++taken;
    }
  }

  for (auto& thread : threads) thread.join();
  EXPECT_EQ(taken + denials.take_lost(), 3 * kEach);
}

TEST(KernelOffer, SaysWhatIsConfinedAndWhatIsNot) {
  EXPECT_EQ(to_text({7, true}),
            "this kernel confines files, truncation of files, TCP ports, commands to devices, "
            "signals, system calls (Landlock 7)");
  EXPECT_EQ(to_text({2, true}),
            "this kernel confines files, system calls (Landlock 2); not confined: truncation of "
            "files, TCP ports, commands to devices, signals");
  EXPECT_THAT(to_text({0, false}), StartsWith("this kernel confines nothing (no Landlock)"));
  EXPECT_TRUE(what_kernel_offers().seccomp);
}

}  // namespace
}  // namespace unity::worker
