#include "delivery/leak_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace unity::host {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

DeliveryState with_leaks(std::vector<db::PoolLeak> leaks) {
  DeliveryState state;
  state.storages.emplace_back().id = "main";
  state.storages.back().writer.pool.emplace().leaks = std::move(leaks);
  return state;
}

TEST(LeakWatch, TellsOfEachConnectionOnceWithItsOrigin) {
  LeakWatch watch;
  EXPECT_THAT(watch.take_new(with_leaks({})), IsEmpty());

  const auto told = watch.take_new(with_leaks({{7, "the writer (storage.cpp:33)", 61s}}));

  EXPECT_THAT(told, ElementsAre(HasSubstr("storage main: a connection has been held for 61s by the "
                                          "writer (storage.cpp:33)")));
  EXPECT_THAT(watch.take_new(with_leaks({{7, "the writer (storage.cpp:33)", 62s}})), IsEmpty());
  EXPECT_THAT(watch.take_new(with_leaks({{7, "the writer", 63s}, {9, "a reader", 60s}})),
              ElementsAre(HasSubstr("a reader")));
}

TEST(LeakWatch, ADatabaseWithoutAPoolHasNone) {
  DeliveryState state;
  state.storages.emplace_back();
  EXPECT_THAT(LeakWatch().take_new(state), IsEmpty());
}

}  // namespace
}  // namespace unity::host
