// What every server promises of a dataset whose table its user may not make.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "db/dataset_rows.hpp"
#include "unity/db/open.hpp"

namespace unity::test {

// `problem` is what the server says; grant() lets the user of `config` make tables.
inline void expect_blocked_until_granted(const db::DatabaseConfig& config,
                                         const std::string& problem,
                                         const std::function<void()>& grant) {
  auto database = db::open_database(config);
  ASSERT_TRUE(database) << database.error().message;
  auto& catalog = (*database)->catalog();
  const std::vector specs{
      dataset(R"({"name": "held", "columns": [{"name": "n", "type": "i32"}]})")};

  const auto states = catalog.declare_datasets(specs);

  ASSERT_TRUE(states) << states.error().message;
  EXPECT_EQ((*states)[0].state, "blocked");
  EXPECT_THAT((*states)[0].problem, testing::HasSubstr(problem));
  grant();
  const auto again = catalog.declare_datasets(specs);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ((*again)[0].state, "applied") << (*again)[0].problem;
}

}  // namespace unity::test
