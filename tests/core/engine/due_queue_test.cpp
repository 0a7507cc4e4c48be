#include "unity/core/engine/due_queue.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace unity {
namespace {

using namespace std::chrono_literals;

TEST(DueQueue, HasNothingAtFirst) {
  DueQueue queue;
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.next(), std::nullopt);
  queue.erase(7);
}

// Whatever is put in, moved and taken out: the first is the earliest of what a map says is there.
TEST(DueQueue, AlwaysKnowsTheEarliest) {
  std::mt19937 random(7);
  DueQueue queue;
  std::map<InstanceId, Instant> model;
  for (int step = 0; step < 50'000; ++step) {
    const InstanceId id = random() % 200;
    if (random() % 3 == 0) {
      queue.erase(id);
      model.erase(id);
    } else {
      const Instant when{std::chrono::milliseconds(random() % 1000)};
      queue.set(id, when);
      model[id] = when;
    }
    ASSERT_EQ(queue.empty(), model.empty());
    if (model.empty()) continue;
    auto best = model.begin();
    for (auto it = model.begin(); it != model.end(); ++it) {
      if (it->second < best->second) best = it;
    }
    ASSERT_EQ(queue.first(), best->first);
    ASSERT_EQ(queue.next(), best->second);
  }
}

}  // namespace
}  // namespace unity
