// A file of dead letters in a temporary folder, and what a test does with it.
#pragma once

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "db/records.hpp"
#include "support/temp_dir.hpp"
#include "unity/db/dead_letters.hpp"

namespace unity::db {

inline DeadLetter letter(std::string reason, Time time = test::at_second(1),
                         std::string payload = "{}") {
  DeadLetter one;
  one.time = time;
  one.instance = "a";
  one.plugin = "zoo.scripted";
  one.device = "box";
  one.metric = "m";
  one.stage = "validate";
  one.reason = std::move(reason);
  one.detail = "because";
  one.payload = std::move(payload);
  one.run = 0xffff'ffff'ffff'fff1;
  return one;
}

class DeadLettersTest : public testing::Test {
 protected:
  DeadLetters open(const DeadLetterLimits& limits = {}) {
    auto opened = DeadLetters::open(file_, limits);
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }
  static std::vector<std::string> reasons(DeadLetters& letters, const DeadLetterFilter& filter = {},
                                          std::size_t limit = 1000) {
    std::vector<std::string> found;
    const auto list = letters.list(filter, limit);
    EXPECT_TRUE(list) << (list ? "" : list.error().message);
    if (!list) return found;
    for (const auto& one : *list) found.push_back(one.reason);
    return found;
  }
  static DeadLetterState state(DeadLetters& letters) {
    const auto state = letters.state();
    EXPECT_TRUE(state) << (state ? "" : state.error().message);
    return state ? *state : DeadLetterState();
  }

  test::TempDir temp_;
  std::filesystem::path file_ = temp_ / "dead-letters.db";
};

}  // namespace unity::db
