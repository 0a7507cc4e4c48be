#include "unity/core/engine/pipeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/support/manifest.hpp"
#include "core/support/records.hpp"
#include "unity/core/engine/accounting.hpp"

namespace unity {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr Time kStarted{std::chrono::hours(480'000)};
constexpr RunContext kRun{kStarted, Instant(std::chrono::hours(1))};

class Stage : public Processor {
 public:
  explicit Stage(std::function<Verdict(Record&)> act) : act_(std::move(act)) {}
  Verdict process(Record& record, const RunContext&) override { return act_(record); }

 private:
  std::function<Verdict(Record&)> act_;
};

Pipeline pipeline_of(std::vector<std::function<Verdict(Record&)>> acts) {
  std::vector<Pipeline::Stage> stages;
  for (auto& act : acts) stages.push_back({"act", std::make_unique<Stage>(std::move(act)), {}});
  return {std::make_shared<const Origin>(Origin{"nas", "test.plugin", "main-1"}),
          std::move(stages)};
}

std::vector<Emission> lines(std::string text, Time time = {}) {
  return {{Emission::Format::ndjson, std::move(text), time}};
}

TEST(Pipeline, EveryRecordIsKeptRejectedOrDropped) {
  auto pipeline = pipeline_of({[](Record& record) {
    if (record.metric == "drop") return Verdict::drop("filtered");
    if (record.metric == "bad") return Verdict::reject("wrong type", "it is wrong");
    return Verdict::keep();
  }});

  const auto out = pipeline.process(lines(R"({"metric":"a","value":1}
{"metric":"drop","value":2}
not json
{"metric":"bad","value":3}
{"metric":"drop","value":4}
{"metric":"b","value":5})"),
                                    kRun);

  EXPECT_EQ(out.collected, 6u);
  EXPECT_EQ(out.records.size(), 2u);
  EXPECT_EQ(out.rejected.size(), 2u);
  EXPECT_THAT(out.dropped_by, UnorderedElementsAre(Pair("filtered", 2u)));
  EXPECT_EQ(out.rejected[0].reason, "unreadable");
  EXPECT_EQ(out.rejected[0].payload, "not json");
  EXPECT_EQ(out.rejected[1].reason, "wrong type");
  EXPECT_EQ(out.rejected[1].detail, "it is wrong");
  EXPECT_EQ(out.rejected[1].payload, R"({"metric":"bad","time":")" + to_rfc3339(kStarted) +
                                         R"(","values":{"numeric_value":3}})");
}

TEST(Pipeline, ARecordPassesTheStagesInOrderUntilOneEndsIt) {
  std::string seen;
  auto pipeline = pipeline_of({[&](Record&) { return seen += '1', Verdict::keep(); },
                               [&](Record&) { return seen += '2', Verdict::drop("x"); },
                               [&](Record&) { return seen += '3', Verdict::keep(); }});

  pipeline.process(lines(R"({"metric":"a","value":1})"), kRun);

  EXPECT_EQ(seen, "12");
}

TEST(Pipeline, ALaterStageSeesWhatAnEarlierOneChanged) {
  auto pipeline =
      pipeline_of({[](Record& r) { return r.metric = r.metric.text() + "-1", Verdict::keep(); },
                   [](Record& r) { return r.metric = r.metric.text() + "-2", Verdict::keep(); }});

  const auto out = pipeline.process(lines(R"({"metric":"a","value":1})"), kRun);

  ASSERT_EQ(out.records.size(), 1u);
  EXPECT_EQ(out.records[0].metric, "a-1-2");
  EXPECT_EQ(out.records[0].origin->instance, "main-1");
}

TEST(Pipeline, RecordsOfSeveralEmissionsKeepTheirOrder) {
  auto emissions = lines("{\"metric\":\"a\",\"value\":1}\n{\"metric\":\"b\",\"value\":1}");
  emissions.push_back({Emission::Format::json_array, R"([{"metric":"c","value":1}])", {}});

  const auto out = pipeline_of({}).process(emissions, kRun);

  std::vector<std::string> names;
  for (const auto& record : out.records) names.push_back(record.metric);
  EXPECT_THAT(names, ElementsAre("a", "b", "c"));
}

TEST(Pipeline, TheTimeOfAnEmissionIsThatOfItsRecordsWithoutOne) {
  auto pipeline = make_pipeline(context_of(small_manifest()), {"timestamp"});
  const auto text =
      "{\"metric\":\"a\",\"value\":1}\n{\"metric\":\"a\",\"value\":1,\"time\":1000000000}";

  const auto with = pipeline.process(lines(text, kStarted - 1h), kRun);
  const auto without = pipeline.process(lines(text), kRun);

  ASSERT_EQ(with.records.size(), 2u);
  EXPECT_EQ(with.records[0].time, kStarted - 1h);
  EXPECT_EQ(with.records[1].time, Time(1s));
  ASSERT_EQ(without.records.size(), 2u);
  EXPECT_EQ(without.records[0].time, kStarted);
  EXPECT_EQ(without.records[1].time, Time(1s));
}

TEST(Pipeline, TheRejectedPayloadKeepsTheTimeThatTheRecordBrought) {
  auto pipeline = make_pipeline(context_of(small_manifest()));

  const auto out = pipeline.process(
      lines(R"({"metric":"nope","time":"2026-01-31T12:00:00Z","value":1})", kStarted), kRun);

  ASSERT_EQ(out.rejected.size(), 1u);
  EXPECT_THAT(out.rejected[0].payload, HasSubstr("2026-01-31T12:00:00Z"));
}

TEST(Pipeline, TheRejectedPayloadIsTheRecordBeforeAnyStage) {
  const auto reject_after_change = [] {
    return pipeline_of({[](Record& record) {
                          record.metric = "renamed";
                          record.tags.set("added", "yes");
                          record.fields.clear();
                          return Verdict::keep();
                        },
                        [](Record&) { return Verdict::reject("bad", "it is bad"); }});
  };
  const std::string text = R"({"metric":"a","tags":{"t":"x"},"values":{"n":1,"s":"é"}})";
  const std::string surrogate =
      R"({"metric":"a","tags":{"t":"x"},"values":{"n":1,"s":"\ud83d\ude00"}})";
  const std::vector<Emission> emissions{
      {Emission::Format::ndjson, text + "\n" + surrogate + "\n" + text, kStarted},
      {Emission::Format::json_array, "[" + text + ", " + text + "]", kStarted},
      {Emission::Format::json_array, "[" + text + "," + surrogate + "]", kStarted}};

  const auto out = reject_after_change().process(emissions, kRun);

  ASSERT_EQ(out.rejected.size(), 7u);
  for (const auto& rejected : out.rejected) {
    EXPECT_EQ(rejected.metric, "a");
    EXPECT_THAT(rejected.payload, HasSubstr(R"("tags":{"t":"x"},"values":{"n":1,"s":")"));
    EXPECT_THAT(rejected.payload, HasSubstr("\"time\":\"" + to_rfc3339(kStarted) + "\""));
  }
  EXPECT_THAT(out.rejected[0].payload, HasSubstr("é"));
  EXPECT_THAT(out.rejected[1].payload, HasSubstr("\U0001F600"));
  EXPECT_THAT(out.rejected[6].payload, HasSubstr("\U0001F600"));
}

TEST(Pipeline, ARecordOfNothingButNullsIsDroppedAtTheEnd) {
  auto pipeline = make_pipeline(context_of(small_manifest()));

  const auto out = pipeline.process(lines(R"({"metric":"net","values":{"load":null}})"
                                          "\n"
                                          R"({"metric":"net","value":null,"summary":"idle"})"
                                          "\n"
                                          R"({"metric":"open","value":null,"summary":"idle"})"),
                                    kRun);

  EXPECT_THAT(out.dropped_by, ElementsAre(Pair("empty", 1u)));
  EXPECT_EQ(out.rejected.size(), 1u);
  ASSERT_EQ(out.records.size(), 1u);
  EXPECT_EQ(out.records[0].fields.back(), (Field{"_summary", "idle", Kind::text, ""}));
}

TEST(Pipeline, AnObserverSeesEachStageOfEachRecord) {
  struct Watch : PipelineObserver {
    void read(const Record& record) override { seen.push_back("read " + record.metric.text()); }
    void unreadable(const RejectedRecord& bad) override { seen.push_back("bad " + bad.payload); }
    void passed(std::size_t number, const std::string& stage, const Record& record,
                const Verdict& verdict) override {
      seen.push_back(std::to_string(number) + stage + record.metric.text() + verdict.reason);
    }
    std::vector<std::string> seen;
  };
  auto pipeline = pipeline_of(
      {[](Record& r) { return r.metric = r.metric.text() + "-1", Verdict::keep(); },
       [](Record&) { return Verdict::drop("filtered"); }, [](Record&) { return Verdict::keep(); }});
  Watch watch;

  pipeline.process(lines("{\"metric\":\"a\",\"value\":1}\nnot json"), kRun, &watch);

  EXPECT_THAT(watch.seen,
              UnorderedElementsAre("read a", "1acta-1", "2acta-1filtered", "bad not json"));
}

TEST(Pipeline, AWholePipelineTurnsEmissionsIntoRecordsForStorage) {
  auto pipeline = make_pipeline(context_of(small_manifest(), {{"site", "attic"}}));
  const auto first = pipeline.process(lines(R"({"metric":"net","values":{"rx":100}})"), kRun);
  EXPECT_THAT(first.dropped_by, ElementsAre(Pair("first of a rate", 1u)));

  const auto out =
      pipeline.process(lines(R"({"metric":"net","values":{"rx":600,"load":2.5},"summary":"fine"})"),
                       {kStarted + 10s, kRun.began + 10s});

  ASSERT_EQ(out.records.size(), 1u);
  const auto& record = out.records[0];
  EXPECT_EQ(record.time, kStarted + 10s);
  EXPECT_THAT(record.fields,
              ElementsAre(Field{"rx", 50.0, Kind::rate, "By/s"}, gauge("load", 2.5, "%"),
                          Field{"_summary", "fine", Kind::text, ""}));
  EXPECT_EQ(record.tags, (Tags{{"site", "attic"}}));
}

TEST(Accounting, IsBalancedIfEveryRecordIsSomewhere) {
  Accounting accounting;
  accounting.collected = 10;
  accounting.stored = 4;
  accounting.rejected = 1;
  accounting.dropped_by = {{"filtered", 2}, {"spool full", 1}};
  accounting.in_flight = 2;

  EXPECT_EQ(accounting.dropped(), 3u);
  EXPECT_TRUE(accounting.balanced());
  --accounting.in_flight;
  EXPECT_FALSE(accounting.balanced());
}

}  // namespace
}  // namespace unity
