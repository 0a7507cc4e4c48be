#include "base/held_signals.hpp"

#include <gtest/gtest.h>

namespace unity::host {
namespace {

volatile std::sig_atomic_t asked = 0;

TEST(HeldSignals, DeliverAtTheEndWhatCameMeanwhile) {
  const auto before = std::signal(SIGTERM, [](int) { asked = 1; });
  {
    const HeldSignals held;
    std::raise(SIGTERM);
    EXPECT_EQ(asked, 0);
  }
  EXPECT_EQ(asked, 1);
  std::signal(SIGTERM, before);
}

}  // namespace
}  // namespace unity::host
