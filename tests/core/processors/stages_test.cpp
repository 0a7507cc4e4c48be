// The small stages: each from its options, with a record or two.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/support/records.hpp"
#include "core/support/stage.hpp"
#include "unity/core/json/record_writer.hpp"

namespace unity {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Time kStarted{std::chrono::hours(480'000)};

// What a stage makes of records in JSON: the record, or the reason why it ended there.
class Tried {
 public:
  Tried(const std::string& stage, const std::string& options) {
    const auto list = "[{\"" + stage + "\":" + options + "}]";
    outcome_ = try_pipeline(list);
    EXPECT_THAT(outcome_.mistakes, IsEmpty());
  }

  std::string operator()(const std::string& json, Duration after = 0s) {
    const RunContext context{kStarted + std::chrono::floor<std::chrono::microseconds>(after),
                             Instant(1h) + after};
    auto out = outcome_.pipeline->process({{Emission::Format::ndjson, json, {}, {}}}, context);
    if (!out.rejected.empty()) return out.rejected[0].reason;
    if (!out.dropped_by.empty()) return out.dropped_by.begin()->first;
    last = out.records.at(0);
    return json::to_json(last);
  }

  std::vector<Condition> conditions() const { return outcome_.pipeline->conditions(); }
  Record last;

 private:
  StageOutcome outcome_;
};

std::string net(const std::string& values) {
  return R"({"metric":"net","values":{)" + values + "}}";
}

std::vector<std::string> mistakes(const std::string& stage, const std::string& options) {
  return try_pipeline("[{\"" + stage + "\":" + options + "}]").mistakes;
}

TEST(Nulls, AreKeptDroppedOrFilled) {
  const auto one_null = net(R"("load":null,"rx":5)");
  EXPECT_EQ(Tried("nulls", R"({"policy":"keep"})")(one_null), one_null);
  EXPECT_EQ(Tried("nulls", R"({"policy":"drop_field"})")(one_null), net(R"("rx":5)"));
  EXPECT_EQ(Tried("nulls", R"({"policy":"drop_record"})")(one_null), "null");
  EXPECT_EQ(Tried("nulls", R"({"policy":"drop_record","fields":"rx"})")(one_null), one_null);
  EXPECT_EQ(Tried("nulls", R"({"policy":"default","default":0.5})")(one_null),
            net(R"("load":0.5,"rx":5)"));
}

TEST(Nulls, AreFilledWithTheLastValueOfTheSameSeries) {
  Tried stage("nulls", R"({"policy":"last"})");
  EXPECT_EQ(stage(net(R"("load":null,"rx":1)")), net(R"("load":null,"rx":1)"));
  stage(net(R"("load":7)"));
  EXPECT_EQ(stage(net(R"("load":null)")), net(R"("load":7)"));
  EXPECT_EQ(stage(R"({"metric":"net","tags":{"if":"lo"},"values":{"load":null,"rx":1}})"),
            R"({"metric":"net","tags":{"if":"lo"},"values":{"load":null,"rx":1}})");
}

TEST(Nulls, NeedAPolicyThatFits) {
  EXPECT_THAT(mistakes("nulls", "{}"), Contains(HasSubstr("needs the option `policy`")));
  EXPECT_THAT(mistakes("nulls", R"({"policy":"default"})"), Contains(HasSubstr("`default`")));
}

TEST(Cast, ReadsNumbersAndBooleansFromText) {
  Tried stage("cast", R"({"fields":{"state":"number","up":"bool","rx":"text","load":"whole"}})");
  EXPECT_EQ(stage(net(R"("state":" 12.5 ","up":"yes","rx":7,"load":3.9)")),
            net(R"("state":12.5,"up":true,"rx":"7","load":3)"));
  EXPECT_EQ(stage.last.fields[0].kind, Kind::gauge);
  EXPECT_EQ(stage.last.fields[1].kind, Kind::boolean);
  EXPECT_EQ(stage.last.fields[2].kind, Kind::text);
  EXPECT_EQ(stage(net(R"("state":"18446744073709551615","up":0)")),
            net(R"("state":18446744073709551615,"up":false)"));
  EXPECT_EQ(stage(net(R"("state":"twelve")")), "wrong type");
  EXPECT_EQ(stage(net(R"("load":1e300)")), "wrong type");
  EXPECT_EQ(stage(net(R"("load":"inf")")), "wrong type");
}

TEST(Cast, AFieldThatNoMetricHasIsAMistake) {
  const auto closed = R"({"select":{"metric":"net"},"fields":{"laod":"number"}})";
  EXPECT_THAT(mistakes("cast", closed), ElementsAre(AllOf(HasSubstr("/0/cast/fields/laod:"),
                                                          HasSubstr("did you mean \"load\""))));
}

TEST(Rename, MetricsFieldsAndTags) {
  Tried stage(
      "rename",
      R"({"metrics":{"net":"network"},"fields":{"rx":"received"},"tags":{"if":"interface"}})");
  EXPECT_EQ(stage(R"({"metric":"net","tags":{"if":"eth0"},"values":{"rx":1,"load":2}})"),
            R"({"metric":"network","tags":{"interface":"eth0"},"values":{"received":1,"load":2}})");
  EXPECT_EQ(stage(net(R"("rx":1,"received":2)")), "name taken");
}

TEST(Rename, TheStagesAfterItKnowTheNewNames) {
  const std::string rename =
      R"({"rename":{"metrics":{"net":"network"},"fields":{"rx":"received"}}})";
  EXPECT_THAT(
      try_pipeline("[" + rename +
                   R"(,{"cast":{"select":{"metric":"network"},"fields":{"received":"text"}}}])")
          .mistakes,
      IsEmpty());
  EXPECT_THAT(try_pipeline("[" + rename +
                           R"(,{"cast":{"select":{"metric":"network"},"fields":{"rx":"text"}}}])")
                  .mistakes,
              Contains(HasSubstr("has a field \"rx\"")));
  EXPECT_THAT(mistakes("rename", R"({"metrics":{"nett":"x"}})"), Contains(HasSubstr("\"net\"")));
  EXPECT_THAT(mistakes("rename", "{}"), Contains(HasSubstr("`rename` needs")));
}

TEST(RegexStage, TakesGroupsIntoFieldsAndTags) {
  Tried stage("regex",
              R"({"from":"state","pattern":"^([a-z]+)-([0-9]+)$","into":["tags.name","number"]})");
  EXPECT_EQ(
      stage(net(R"("state":"disk-12")")),
      R"({"metric":"net","tags":{"name":"disk"},"values":{"state":"disk-12","number":"12"}})");
  EXPECT_EQ(stage(net(R"("state":"other")")), net(R"("state":"other")"));
}

TEST(RegexStage, ReplacesEveryMatch) {
  EXPECT_EQ(Tried("regex", R"x({"from":"tags.if","pattern":"[.:]([0-9])","replace":"_\\1"})x")(
                R"({"metric":"net","tags":{"if":"eth0.1:2"},"value":1})"),
            R"({"metric":"net","tags":{"if":"eth0_1_2"},"values":{"numeric_value":1}})");
  EXPECT_EQ(Tried("regex", R"({"from":"metric","pattern":"x+","replace":"-"})")(
                R"({"metric":"axxb","value":1})"),
            R"({"metric":"a-b","values":{"numeric_value":1}})");
}

TEST(RegexStage, MayRefuseWhatDoesNotMatch) {
  Tried stage("regex", R"({"from":"state","pattern":"^a","replace":"b","no_match":"reject"})");
  EXPECT_EQ(stage(net(R"("state":"xyz")")), "no match");
  EXPECT_EQ(stage(net(R"("state":"ab")")), net(R"("state":"bb")"));
}

TEST(RegexStage, SaysWhatIsWrongWithItsOptions) {
  EXPECT_THAT(mistakes("regex", R"({"from":"state","pattern":"(a","replace":"b"})"),
              ElementsAre(HasSubstr("/0/regex/pattern: this is no regular expression")));
  EXPECT_THAT(mistakes("regex", R"({"from":"state","pattern":"a"})"),
              ElementsAre(HasSubstr("either `replace` or `into`")));
  const std::string one_group = R"x({"from":"state","pattern":"(a)","into":["x","y"]})x";
  EXPECT_THAT(mistakes("regex", one_group),
              ElementsAre(HasSubstr("`into` has 2 names, the pattern has 1 groups")));
}

TEST(EnumMap, PutsKnownValuesInPlaceOfOthers) {
  Tried words("enum", R"({"field":"state","values":{"ok":0,"bad":2},"default":3})");
  EXPECT_EQ(words(net(R"("state":"bad")")), net(R"("state":2)"));
  EXPECT_EQ(words(net(R"("state":"else")")), net(R"("state":3)"));
  Tried numbers("enum", R"({"field":"load","values":{"1":"up","2":"down"},"unknown":"reject"})");
  EXPECT_EQ(numbers(net(R"("load":1.0)")), net(R"("load":"up")"));
  EXPECT_EQ(numbers.last.fields[0].kind, Kind::text);
  EXPECT_EQ(numbers(net(R"("load":9)")), "not allowed");
  EXPECT_EQ(
      Tried("enum", R"({"field":"load","values":{},"unknown":"null"})")(net(R"("load":9,"rx":1)")),
      net(R"("load":null,"rx":1)"));
}

TEST(Dedup, DropsWhatDidNotChangeUntilTheHeartbeat) {
  Tried stage("dedup", R"({"heartbeat":"1m","ignore_fields":"rx"})");
  EXPECT_EQ(stage(net(R"("load":1,"rx":1)"), 0s), net(R"("load":1,"rx":1)"));
  EXPECT_EQ(stage(net(R"("load":1,"rx":2)"), 10s), "duplicate");
  EXPECT_EQ(stage(net(R"("load":2,"rx":2)"), 20s), net(R"("load":2,"rx":2)"));
  EXPECT_EQ(stage(net(R"("load":2,"rx":2)"), 79s), "duplicate");
  EXPECT_EQ(stage(net(R"("load":2,"rx":2)"), 80s), net(R"("load":2,"rx":2)"));
  EXPECT_EQ(stage(net(R"("load":2)"), 81s), net(R"("load":2)"));
  EXPECT_NE(stage(R"({"metric":"net","tags":{"if":"lo"},"values":{"load":2}})", 82s), "duplicate");
}

std::string tagged(const std::string& user) {
  return R"({"metric":"net","tags":{"if":"lo","user":")" + user + R"("},"values":{"load":1}})";
}

TEST(Cardinality, DropsRecordsOfNewSeriesAndNamesTheOffender) {
  Tried stage("cardinality", R"({"max_tag_values":2})");
  EXPECT_EQ(stage(tagged("a")), tagged("a"));
  EXPECT_EQ(stage(tagged("b")), tagged("b"));
  EXPECT_EQ(stage(tagged("c")), "cardinality");
  EXPECT_EQ(stage(tagged("d")), "cardinality");
  EXPECT_EQ(stage(tagged("a")), tagged("a"));

  const auto conditions = stage.conditions();
  ASSERT_EQ(conditions.size(), 1u);
  EXPECT_EQ(conditions[0].count, 2u);
  EXPECT_THAT(conditions[0].first, HasSubstr("tag \"user\" grows, now with \"c\""));
  EXPECT_THAT(conditions[0].last, HasSubstr("\"d\""));
}

TEST(Cardinality, MayLeaveOutTheTagInstead) {
  Tried stage("cardinality", R"({"max_tag_values":1,"action":"drop_tag"})");
  stage(tagged("a"));
  EXPECT_EQ(stage(tagged("b")), R"({"metric":"net","tags":{"if":"lo"},"values":{"load":1}})");
}

TEST(Cardinality, BoundsTheSeriesOfAMetric) {
  Tried stage("cardinality", R"({"max_series":2})");
  stage(tagged("a"));
  stage(tagged("b"));
  EXPECT_EQ(stage(tagged("c")), "cardinality");
  EXPECT_THAT(stage.conditions().at(0).first, HasSubstr("more than 2 series; tag \"user\" grows"));
}

TEST(EnrichStage, AddsTagsTheEnvironmentAndTheDevice) {
  Tried stage("enrich", R"({"tags":{"site":"attic"},"environment":"test","device":"ups"})");
  EXPECT_EQ(stage(R"({"metric":"net","tags":{"site":"cellar"},"value":1})"),
            R"({"metric":"net","tags":{"environment":"test","site":"cellar"},)"
            R"("values":{"numeric_value":1}})");
  EXPECT_EQ(stage.last.origin->device, "ups");
  EXPECT_EQ(Tried("enrich", R"({"tags":{"site":"attic"},"overwrite":true})")(
                R"({"metric":"net","tags":{"site":"cellar"},"value":1})"),
            R"({"metric":"net","tags":{"site":"attic"},"values":{"numeric_value":1}})");
}

TEST(SummaryStage, MakesASummaryFromATemplate) {
  Tried stage("summary", R"({"templates":{"net":"{load:.1f} % on {tags.if}, {rx} in, {{{up}}}"}})");
  stage(R"({"metric":"net","tags":{"if":"lo"},"values":{"load":12.34,"rx":5}})");
  EXPECT_EQ(stage.last.fields.back(),
            (Field{"_summary", "12.3 % on lo, 5 in, {?}", Kind::text, ""}));
  stage(R"({"metric":"net","values":{"load":1},"summary":"its own"})");
  EXPECT_EQ(std::get<std::string>(stage.last.fields.back().value), "its own");
  EXPECT_EQ(stage(net(R"("state":"x")")), net(R"("state":"x")"));
}

TEST(SummaryStage, ATemplateIsCheckedWhenItIsRead) {
  EXPECT_THAT(
      mistakes("summary", R"({"templates":{"net":"{laod}"}})"),
      ElementsAre(HasSubstr("/0/summary/templates/net: metric \"net\" has no field \"laod\"")));
  EXPECT_THAT(mistakes("summary", R"({"templates":{"net":"50 {"}})"),
              Contains(HasSubstr("a single '{' at byte 4")));
  EXPECT_THAT(mistakes("summary", R"({"templates":{"net":"{load:x}"}})"),
              Contains(HasSubstr("the number of digits, such as .1f")));
  EXPECT_THAT(mistakes("summary", R"({"templates":{"cpu":"{load}"}})"),
              Contains(HasSubstr("there is no metric \"cpu\" here")));
}

TEST(TimestampStage, ReadsFormatsZonesAndEpochs) {
  Tried local("timestamp", R"({"formats":"%F %T","zone":"Europe/Berlin"})");
  local(R"({"metric":"net","time":"2026-01-31 12:00:00","value":1})");
  EXPECT_EQ(to_rfc3339(local.last.time), "2026-01-31T11:00:00Z");
  Tried seconds("timestamp", R"({"epoch":"s"})");
  seconds(R"({"metric":"net","time":"1000.5","value":1})");
  EXPECT_EQ(seconds.last.time, Time(1000500ms));
  Tried millis("timestamp", R"({"epoch":"ms"})");
  millis(R"({"metric":"net","time":1500,"value":1})");
  EXPECT_EQ(millis.last.time, Time(1500ms));
  EXPECT_EQ(millis(R"({"metric":"net","time":"9223372036854775807","value":1})"), "bad time");
  Tried field("timestamp", R"({"epoch":"s","field":"rx"})");
  EXPECT_EQ(field(net(R"("rx":60,"load":1)")),
            R"({"metric":"net","time":"1970-01-01T00:01:00Z","values":{"load":1}})");
  Tried tag("timestamp", R"({"tag":"at"})");
  EXPECT_EQ(tag(R"({"metric":"net","tags":{"at":"2026-01-31T12:00:00Z"},"value":1})"),
            R"({"metric":"net","time":"2026-01-31T12:00:00Z","values":{"numeric_value":1}})");
}

TEST(TimestampStage, ABadZoneOrFormatIsAMistake) {
  EXPECT_THAT(
      mistakes("timestamp", R"({"zone":"Europe/Berlni"})"),
      ElementsAre(HasSubstr("/0/timestamp/zone: there is no time zone \"Europe/Berlni\"; did")));
  EXPECT_THAT(mistakes("timestamp", R"({"formats":["%F","%Q"]})"),
              ElementsAre(HasSubstr("/0/timestamp/formats/1: \"%Q\" at byte 1")));
}

TEST(ValidateStage, ChecksWhatTheOperatorAsksForAndCountsDrift) {
  Tried stage("validate", R"({"select":{"metric":"net"},"fields":{
      "load":{"required":true,"maximum":50},"state":{"enum":["ok","bad"]}}})");
  EXPECT_EQ(stage(net(R"("load":50,"state":"ok")")), net(R"("load":50,"state":"ok")"));
  EXPECT_EQ(stage(net(R"("load":51)")), "out of range");
  EXPECT_EQ(stage(net(R"("load":52)")), "out of range");
  EXPECT_EQ(stage(net(R"("rx":1)")), "missing");
  EXPECT_EQ(stage(net(R"("load":null,"rx":1)")), "missing");
  EXPECT_EQ(stage(net(R"("load":1,"state":"odd")")), "not allowed");

  const auto conditions = stage.conditions();
  ASSERT_EQ(conditions.size(), 3u);
  EXPECT_EQ(conditions[2].name, "out of range");
  EXPECT_EQ(conditions[2].count, 2u);
  EXPECT_THAT(conditions[2].first, HasSubstr("is 51"));
  EXPECT_THAT(conditions[2].last, HasSubstr("is 52"));
}

TEST(ValidateStage, MayLeaveOutUndeclaredFieldsAndHoldsRecordsAgainstASchema) {
  EXPECT_EQ(Tried("validate", R"({"undeclared_fields":"drop"})")(net(R"("x":1,"load":2,"y":3)")),
            net(R"("load":2)"));
  Tried schema("validate", R"({"schema":{"type":"object","required":["tags"]}})");
  EXPECT_EQ(schema(net(R"("load":1)")), "schema");
  EXPECT_EQ(schema(tagged("a")), tagged("a"));
}

}  // namespace
}  // namespace unity
