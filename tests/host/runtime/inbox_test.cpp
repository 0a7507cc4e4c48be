#include "runtime/inbox.hpp"

#include <gtest/gtest.h>

namespace unity::host {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{std::chrono::hours(1)};

TEST(Inbox, WakesNobodyWhoLooksInSoonEnough) {
  Inbox<int> inbox;
  ASSERT_TRUE(inbox.await_look(kNow + 5ms));

  EXPECT_FALSE(inbox.put(1, kNow + 5ms));
  EXPECT_FALSE(inbox.put(2, kNow + 20ms));
}

TEST(Inbox, WakesOnceForAllThatCannotWait) {
  Inbox<int> inbox;
  ASSERT_TRUE(inbox.await_look(kNow + 5ms));

  EXPECT_FALSE(inbox.put(1, kNow + 20ms));
  EXPECT_TRUE(inbox.put(2, kNow + 2ms));
  EXPECT_FALSE(inbox.put(3, kNow + 1ms));
}

TEST(Inbox, WakesAgainAfterALook) {
  Inbox<int> inbox;
  std::vector<int> items;
  ASSERT_TRUE(inbox.await_look(kNow + 5ms));
  ASSERT_TRUE(inbox.put(1, kNow));

  inbox.take(items);
  EXPECT_EQ(items, std::vector<int>{1});
  EXPECT_FALSE(inbox.put(2, kNow));  // it is being looked at
  EXPECT_FALSE(inbox.await_look(kNow + 5ms));
  inbox.take(items);
  EXPECT_EQ(items, std::vector<int>{2});
  ASSERT_TRUE(inbox.await_look(kNow + 5ms));

  EXPECT_TRUE(inbox.put(3, kNow));
}

TEST(Inbox, LetsWhatCanWaitBeSeenAtTheNextLook) {
  Inbox<int> inbox;
  ASSERT_FALSE(inbox.put(1, kNow + 20ms));

  EXPECT_FALSE(inbox.await_look(kNow + 21ms));
  EXPECT_TRUE(inbox.await_look(kNow + 20ms));
}

}  // namespace
}  // namespace unity::host
