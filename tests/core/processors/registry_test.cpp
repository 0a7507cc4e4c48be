#include "unity/core/processors/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/support/records.hpp"
#include "core/support/stage.hpp"

namespace unity {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Registry, TheOrderWrittenIsTheOrderRun) {
  const auto out = try_pipeline(R"(["summary", {"rate": {}}, {"validate": null}])");

  EXPECT_THAT(out.mistakes, IsEmpty());
  EXPECT_THAT(out.pipeline->stage_names(), ElementsAre("summary", "rate", "validate", "empty"));
}

TEST(Registry, TheListOfACollectorStandsInPlaceOfTheWordInTheGlobalOne) {
  std::vector<Problem> problems;
  const auto global = read_pipeline(*json::parse(R"(["validate", "collector", "enrich"])"),
                                    PipelineLevel::global, problems);
  const auto own =
      read_pipeline(*json::parse(R"(["timestamp", "rate"])"), PipelineLevel::collector, problems);

  const auto pipeline = make_pipeline(context_of(small_manifest()), global, own, problems);

  EXPECT_THAT(problems, IsEmpty());
  EXPECT_THAT(pipeline.stage_names(),
              ElementsAre("validate", "timestamp", "rate", "enrich", "empty"));
}

TEST(Registry, EachMistakeIsNamedAtItsPlace) {
  EXPECT_THAT(try_pipeline(R"(["valdiate", {"rate": 5}, {"a": {}, "b": {}}, 3])").mistakes,
              ElementsAre(HasSubstr("/0: there is no stage `valdiate`; did you mean `validate`?"),
                          HasSubstr("/1/rate: the options of `rate` must be a mapping"),
                          HasSubstr("/2: a stage is its name"), HasSubstr("/3: a stage is")));
  EXPECT_THAT(try_pipeline(R"([{"rate": {"selcet": {}}}])").mistakes,
              ElementsAre(HasSubstr("/0/rate/selcet: unknown option `selcet`; did you mean")));
  EXPECT_THAT(
      try_pipeline(R"([{"rate": {"select": {"metrik": "net", "tags": {"a": 1}}}}])").mistakes,
      ElementsAre(HasSubstr("/0/rate/select/tags/a: the pattern of tag `a` must be text"),
                  HasSubstr("/0/rate/select/metrik: unknown option `metrik`; did you")));
  EXPECT_THAT(try_pipeline(R"(["collector", "collector"])").mistakes,
              ElementsAre(HasSubstr("/1: `collector` can stand in the list once only")));
}

TEST(Registry, ASelectorThatNoMetricOfThePluginFitsIsAMistake) {
  EXPECT_THAT(try_pipeline(R"([{"rate": {"select": {"metric": ["cpu", "gpu*"]}}}])").mistakes,
              ElementsAre("/0/rate/select/metric: no metric has such a name: cpu, gpu*"));
}

// Which of these records had their tag added, by a stage with this selector.
std::string taken(const std::string& select) {
  auto context = context_of(small_manifest(), {{"seen", "yes"}});
  auto out = try_pipeline(R"([{"enrich": {"select": )" + select + "}}]", context);
  EXPECT_THAT(out.mistakes, IsEmpty());
  const Emission emission{Emission::Format::ndjson,
                          R"({"metric":"net","tags":{"if":"eth0"},"value":1})"
                          "\n"
                          R"({"metric":"net","tags":{"if":"lo"},"value":1})"
                          "\n"
                          R"({"metric":"open","value":1})",
                          {},
                          {}};
  std::string result;
  for (const auto& record : out.pipeline->process({emission}, {}).records) {
    result += record.tags.find("seen") != nullptr ? 'y' : 'n';
  }
  return result;
}

TEST(Registry, AStageSeesOnlyWhatItsSelectorTakes) {
  EXPECT_EQ(taken("{}"), "yyy");
  EXPECT_EQ(taken(R"({"metric": "net"})"), "yyn");
  EXPECT_EQ(taken(R"({"metric": ["x*", "op?n", "net"]})"), "yyy");
  EXPECT_EQ(taken(R"({"tags": {"if": "eth*"}})"), "ynn");
  EXPECT_EQ(taken(R"({"metric": "open", "tags": {"if": "*"}})"), "nnn");
  EXPECT_EQ(taken(R"({"instance": "main-?", "plugin": "test.*", "device": "nas"})"), "yyy");
  EXPECT_EQ(taken(R"({"instance": "other"})"), "nnn");
  EXPECT_EQ(taken(R"({"plugin": "other"})"), "nnn");
  EXPECT_EQ(taken(R"({"device": "other"})"), "nnn");
}

}  // namespace
}  // namespace unity
