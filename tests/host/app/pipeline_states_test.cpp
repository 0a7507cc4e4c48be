#include "app/pipeline_states.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/temp_dir.hpp"

namespace unity::host {
namespace {

TEST(PipelineStates, ComeBackAfterARestart) {
  const test::TempDir temp;
  {
    PipelineStates states(temp / "states.json");
    states.put("a", "one \"quoted\"");
    states.put("b", "two");
    ASSERT_TRUE(states.save());
    states.put("b", "three, never saved");
  }

  const PipelineStates states(temp / "states.json");

  EXPECT_EQ(states.get("a"), "one \"quoted\"");
  EXPECT_EQ(states.get("b"), "two");
  EXPECT_EQ(states.get("c"), "");
  EXPECT_EQ(states.warning(), "");
}

TEST(PipelineStates, BeginEmptyFromGarbageAndSaySo) {
  const test::TempDir temp;
  std::ofstream(temp / "states.json") << "{\"version\": 1, \"instan";

  const PipelineStates states(temp / "states.json");

  EXPECT_EQ(states.get("a"), "");
  EXPECT_NE(states.warning(), "");
}

TEST(PipelineStates, AreTriedAgainAfterAFailedSave) {
  const test::TempDir temp;
  PipelineStates states(temp / "missing" / "states.json");
  states.put("a", "one");
  ASSERT_FALSE(states.save());

  std::filesystem::create_directory(temp / "missing");

  ASSERT_TRUE(states.save());
  EXPECT_EQ(PipelineStates(temp / "missing" / "states.json").get("a"), "one");
}

}  // namespace
}  // namespace unity::host
