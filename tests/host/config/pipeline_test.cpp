#include "config/pipeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config_folder.hpp"

namespace unity::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> names(const PipelineSpec& stages) {
  std::vector<std::string> names;
  for (const auto& stage : stages) names.push_back(stage.name);
  return names;
}

TEST(PipelineConfig, IsTheDefaultOneIfNoneIsWritten) {
  EXPECT_THAT(names(config_of("").pipeline.stages),
              ElementsAre("validate", "timestamp", "rate", "collector", "enrich", "summary"));
  EXPECT_THAT(names(config_of("pipeline: []\n").pipeline.stages), ElementsAre());
}

TEST(PipelineConfig, IsReadInItsOrderForTheHostAndForACollector) {
  const auto config = config_of(
      "pipeline: [rate, collector, { validate: {} }]\n"
      "collectors:\n  - { id: a, plugin: p, pipeline: [summary, enrich] }\n");

  EXPECT_THAT(names(config.pipeline.stages), ElementsAre("rate", "collector", "validate"));
  EXPECT_THAT(names(config.collectors.at(0).pipeline.stages), ElementsAre("summary", "enrich"));
}

TEST(PipelineConfig, EachMistakeHasItsPlace) {
  EXPECT_THAT(lines_of("pipeline:\n"
                       "  - validate\n"
                       "  - rat: {}\n"
                       "  - rate:\n"
                       "      select:\n"
                       "        metrc: cpu\n"
                       "        tags: { if: 1 }\n"
                       "  - enrich: 5\n"),
              ElementsAre(HasSubstr("unity.yaml:3:5: error: pipeline: there is no stage `rat`"),
                          HasSubstr("unity.yaml:6:9: error: pipeline: unknown option `metrc`"),
                          HasSubstr("unity.yaml:7:21: error: pipeline: the pattern of tag `if`"),
                          HasSubstr("unity.yaml:8:13: error: pipeline: the options of `enrich`")));
}

TEST(PipelineConfig, OfACollectorNeedsItsPlaceInTheGlobalOne) {
  EXPECT_THAT(lines_of("pipeline: [validate]\n"
                       "collectors:\n  - { id: a, plugin: p, pipeline: [rate] }\n"),
              ElementsAre(HasSubstr("3:35: error: pipeline: it would run nowhere")));
}

}  // namespace
}  // namespace unity::host
