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

TEST(Registry, AConditionSelectsRecordsByWhatTheyHold) {
  EXPECT_EQ(taken(R"({"when": "tags.if == 'eth0'"})"), "ynn");
  EXPECT_EQ(taken(R"({"when": "numeric_value < 5"})"), "nny");  // closed metrics lack the field
  EXPECT_EQ(taken(R"({"metric": "open", "when": "numeric_value > 5"})"), "nnn");
  EXPECT_EQ(taken(R"({"metric": "net", "when": "load > 5 %"})"), "nnn");  // null is not true
  EXPECT_EQ(taken(R"({"metric": "net", "when": "is_null(load) "})"), "yyn");
}

TEST(Registry, AConditionIsCheckedAgainstWhatTheStageSees) {
  const auto list = [](const std::string& when) {
    return R"([{"rename": {"select": {"metric": "net"}, "fields": {"load": "busy"}}},
               {"derive": {"select": {"metric": "net", "when": ")" +
           when + R"("}, "fields": {"share": "busy / 100"}}}])";
  };

  EXPECT_THAT(try_pipeline(list("busy > 5 %")).mistakes, IsEmpty());
  EXPECT_THAT(try_pipeline(list("load > 5 %")).mistakes,
              ElementsAre(HasSubstr("/1/derive/select/when: `load > 5 %`: 1:1: ")));
  EXPECT_THAT(try_pipeline(list("busy > 5 s")).mistakes,
              ElementsAre(HasSubstr("/1/derive/select/when: `busy > 5 s`: 1:1: ")));
  EXPECT_THAT(try_pipeline(list("busy")).mistakes,
              ElementsAre(HasSubstr("/1/derive/select/when: `busy`: ")));
  EXPECT_THAT(try_pipeline(list("")).mistakes,
              ElementsAre(HasSubstr("/1/derive/select/when: `when` must be text")));
}

TEST(Registry, AStageWithAConditionKeepsItsStateAcrossARestart) {
  const std::string list =
      R"(["validate", "timestamp", {"rate": {"select": {"metric": "net", "when": "tags.if == 'eth0'"}}}])";
  const auto emission = [](const std::string& interface, int value) {
    return Emission{Emission::Format::ndjson,
                    R"({"metric":"net","tags":{"if":")" + interface + R"("},"values":{"rx":)" +
                        std::to_string(value) + "}}",
                    {},
                    {}};
  };
  auto context = context_of(small_manifest());
  context.boot = "one";
  const RunContext first{Time(std::chrono::seconds(100)), Instant(std::chrono::seconds(50))};
  const RunContext second{Time(std::chrono::seconds(110)), Instant(std::chrono::seconds(60))};
  auto before = try_pipeline(list, context);
  before.pipeline->process({emission("eth0", 100)}, first);

  auto after = try_pipeline(list, context);
  after.pipeline->restore(before.pipeline->save());
  const auto out = after.pipeline->process({emission("eth0", 200), emission("lo", 200)}, second);

  ASSERT_EQ(out.records.size(), 2U);
  EXPECT_EQ(out.records[0].fields.at(0).value, FieldValue(10.0));
  EXPECT_EQ(out.records[1].fields.at(0).kind, Kind::counter);  // not the stage's business
}

}  // namespace
}  // namespace unity
