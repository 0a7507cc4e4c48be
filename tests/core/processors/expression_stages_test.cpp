// The stages that work with expressions and units: filter, derive, convert, scale, round.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/support/records.hpp"
#include "core/support/stage.hpp"

namespace unity {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::shared_ptr<Manifest> disk_manifest() {
  auto manifest = small_manifest();
  manifest->metrics.clear();
  const auto gauge_of = [](std::string name, std::string unit) {
    return FieldSpec{std::move(name), std::move(unit), Kind::gauge, {}, {}};
  };
  MetricSpec fs{"fs", {}, {}, false};
  fs.fields = {gauge_of("total", "By"), gauge_of("used", "By"), gauge_of("temp", "Cel"),
               gauge_of("raw", "")};
  fs.fields.push_back({"read_only", "", Kind::boolean, {}, {}});
  fs.fields.push_back({"reads", "{operation}", Kind::counter, {}, {}});
  MetricSpec cpu{"cpu", {}, {{"usage", "%", Kind::gauge, 0.0, 100.0}}, false};
  manifest->metrics = {fs, cpu};
  return manifest;
}

Record fs_record() {
  return make_record("fs",
                     {gauge("total", std::int64_t{10'000'000'000}, "By"),
                      gauge("used", std::int64_t{8'000'000'000}, "By"), gauge("temp", 100.0, "Cel"),
                      gauge("raw", std::int64_t{215})},
                     {{"mount", "/srv"}});
}
Record cpu_record(double usage) { return make_record("cpu", {gauge("usage", usage, "%")}); }

std::unique_ptr<Processor> disk_stage(const std::string& name, const std::string& options) {
  return make_stage(name, options, context_of(disk_manifest()));
}
std::vector<std::string> mistakes_of(const std::string& list) {
  return try_pipeline(list, context_of(disk_manifest())).mistakes;
}
bool keeps(Processor& filter, Record record) {
  const auto verdict = filter.process(record, {});
  if (verdict.action == Verdict::Action::keep) return true;
  EXPECT_EQ(verdict.action, Verdict::Action::drop);
  EXPECT_EQ(verdict.reason, "filtered");
  return false;
}

TEST(Filter, DropsTheRecordsForWhichTheConditionHolds) {
  const auto filter = disk_stage("filter", R"({"drop": "total < 1 GB or usage < 1 %"})");

  EXPECT_TRUE(keeps(*filter, fs_record()));
  EXPECT_TRUE(keeps(*filter, cpu_record(50)));
  EXPECT_FALSE(keeps(*filter, cpu_record(0.5)));
  EXPECT_TRUE(keeps(*filter, make_record("fs", {})));  // null is not true
}

TEST(Filter, KeepsOnlyTheRecordsForWhichTheConditionHolds) {
  const auto filter = disk_stage("filter", R"({"keep": "used / total > 50 %"})");

  EXPECT_TRUE(keeps(*filter, fs_record()));
  EXPECT_FALSE(keeps(*filter, cpu_record(50)));
  EXPECT_FALSE(keeps(*filter, make_record("fs", {})));
}

TEST(Filter, WorksForMetricsThatNobodyDeclared) {
  const auto filter = disk_stage("filter", R"({"drop": "metric == 'new' and used > 5"})");

  EXPECT_FALSE(keeps(*filter, make_record("new", {gauge("used", 6.0)})));
  EXPECT_TRUE(keeps(*filter, make_record("new", {gauge("used", 5.0)})));
}

TEST(Filter, MistakesAreFoundBeforeTheFirstRecord) {
  EXPECT_THAT(mistakes_of(R"([{"filter": {"drop": "used < 5 s"}}])"),
              ElementsAre("/0/filter/drop: `used < 5 s`: 1:1: cannot compare By (information) with "
                          "s (time) (for metric fs)"));
  EXPECT_THAT(mistakes_of(R"([{"filter": {"drop": "usde < 5"}}])"),
              ElementsAre(HasSubstr("did you mean used?")));
  EXPECT_THAT(mistakes_of(R"([{"filter": {"drop": "used"}}])"),
              ElementsAre(HasSubstr("needs a condition")));
  EXPECT_THAT(mistakes_of(R"([{"filter": {"drop": "used < usage * 1 By"}}])"),
              ElementsAre(HasSubstr("no metric has all the fields that it needs")));
  EXPECT_THAT(mistakes_of(R"([{"filter": {"drop": "true", "keep": "true"}}])"),
              ElementsAre(HasSubstr("needs one of `keep` and `drop`")));
  EXPECT_THAT(mistakes_of(R"(["filter"])"), ElementsAre(HasSubstr("needs one of")));
}

TEST(Derive, AddsFieldsWithUnitAndKind) {
  const auto derive = disk_stage("derive", R"j({"fields": {
      "used_percent": {"expr": "used / total", "unit": "%"},
      "free": "total - used",
      "full": "used_percent > 75",
      "where": "upper(tags.mount)",
      "double": {"expr": "usage * 2", "kind": "rate"}}})j");
  auto record = fs_record();

  derive->process(record, {});

  ASSERT_EQ(record.fields.size(), 8u);
  EXPECT_EQ(record.fields[4], gauge("used_percent", 80.0, "%"));
  EXPECT_EQ(record.fields[5], gauge("free", 2e9, "By"));
  EXPECT_EQ(record.fields[6], (Field{"full", true, Kind::boolean, ""}));
  EXPECT_EQ(record.fields[7], (Field{"where", std::string("/SRV"), Kind::text, ""}));

  record = cpu_record(20);
  derive->process(record, {});
  ASSERT_EQ(record.fields.size(), 2u);
  EXPECT_EQ(record.fields[1], (Field{"double", 40.0, Kind::rate, "%"}));
}

TEST(Derive, LeavesOutWhatIsNull) {
  const auto derive = disk_stage("derive", R"({"fields": {"share": "used / total"}})");
  auto record = make_record("fs", {gauge("used", 1.0, "By"), gauge("total", 0.0, "By")});

  derive->process(record, {});

  EXPECT_EQ(record.fields.size(), 2u);
}

TEST(Derive, PutsNoUnitOnNumbersOfMetricsThatNobodyDeclared) {
  const auto derive =
      disk_stage("derive", R"({"fields": {"share": {"expr": "used / total", "unit": "%"}}})");
  auto record = make_record("new", {gauge("used", 1.0), gauge("total", 2.0)});

  derive->process(record, {});

  EXPECT_EQ(record.fields.size(), 2u);
}

TEST(Derive, LaterStagesKnowTheNewFields) {
  EXPECT_THAT(mistakes_of(R"([{"derive": {"fields": {"free": "total - used"}}},
                              {"filter": {"drop": "free < 5 s"}}])"),
              ElementsAre(HasSubstr("cannot compare By")));
}

TEST(Derive, MistakesAreFoundBeforeTheFirstRecord) {
  EXPECT_THAT(mistakes_of(R"([{"derive": {"fields": {
      "used": "total", "_x": "1", "a": {"expr": "used", "unit": "s"}, "b": {"unit": "sx"},
      "c": 5, "d": {"expr": "1", "knid": 2}}}}])"),
              ElementsAre(HasSubstr("/fields/_x: names that"),
                          HasSubstr("/fields/b: needs the option `expr`"),
                          HasSubstr("/fields/b/unit: unknown unit \"sx\""),
                          HasSubstr("/fields/c: `c` must be an expression"),
                          HasSubstr("/fields/d/knid: unknown option"),
                          HasSubstr("/fields/used: metric fs has a field \"used\" already"),
                          HasSubstr("/fields/a: `used`: 1:1: cannot convert By")));
}

TEST(Convert, ConvertsFieldsByNameAndByUnit) {
  const auto convert = disk_stage(
      "convert", R"({"fields": {"used": "MB", "te*": "degF"}, "units": {"By": "GB", "%": "1"}})");
  auto record = fs_record();

  convert->process(record, {});

  EXPECT_EQ(record.fields[0], gauge("total", 10.0, "GB"));
  EXPECT_EQ(record.fields[1], gauge("used", 8000.0, "MB"));
  EXPECT_EQ(record.fields[2], gauge("temp", 212.0, "[degF]"));
  EXPECT_EQ(record.fields[3], gauge("raw", std::int64_t{215}));
  record = cpu_record(25);
  convert->process(record, {});
  EXPECT_EQ(record.fields[0], gauge("usage", 0.25, "1"));
}

TEST(Convert, TouchesNeitherTextNorNullNorOtherQuantities) {
  const auto convert = disk_stage("convert", R"({"units": {"By": "GB"}})");
  auto record = make_record("fs", {gauge("total", FieldValue(), "By"), gauge("used", 5.0, "s"),
                                   gauge("raw", std::string("x"), "By")});
  const auto before = record.fields;

  convert->process(record, {});

  EXPECT_EQ(record.fields, before);
}

TEST(Convert, LaterStagesKnowTheNewUnit) {
  const auto out = try_pipeline(R"([{"convert": {"fields": {"used": "MB"}}},
                                    {"derive": {"fields": {"more": "used + 1"}}}])",
                                context_of(disk_manifest()));
  EXPECT_THAT(out.mistakes, IsEmpty());

  const auto records =
      out.pipeline
          ->process({{Emission::Format::ndjson, R"({"metric":"fs","values":{"used":5}})", {}, {}}},
                    {})
          .records;

  // Without `validate` no unit is known to `convert`; the number is taken as declared.
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(value_of(records[0], "more"), FieldValue(6.0));
}

TEST(Convert, MistakesAreFoundBeforeTheFirstRecord) {
  EXPECT_THAT(mistakes_of(R"([{"convert": {"fields": {"used": "s", "usde": "MB", "raw": "V",
                                                      "x*": "MB", "total": "MBB"},
                                           "units": {"By": "K", "V": "mV"}}}])"),
              ElementsAre(HasSubstr("/fields/total: unknown unit \"MBB\""),
                          HasSubstr("/units/By: cannot convert By"),
                          HasSubstr("/fields/used: field used of metric fs: cannot convert"),
                          HasSubstr("/fields/raw: field raw of metric fs has no unit"),
                          HasSubstr("/fields/usde: no metric here"),
                          HasSubstr("/fields/x*: no field here has a name like x*"),
                          HasSubstr("/units/V: no field here has the unit V")));
  EXPECT_THAT(mistakes_of(R"(["convert"])"), ElementsAre(HasSubstr("needs `fields` or `units`")));
}

TEST(Scale, MendsNumbersAndGivesThemAUnit) {
  const auto scale = disk_stage("scale", R"({"fields": {
      "raw": {"divisor": 10, "offset": -1, "unit": "degC"}, "used": 2}})");
  auto record = fs_record();
  record.fields.push_back(gauge("flag", true));

  scale->process(record, {});

  EXPECT_EQ(record.fields[1], gauge("used", 16e9, "By"));
  EXPECT_EQ(record.fields[3], gauge("raw", 20.5, "Cel"));
  EXPECT_EQ(record.fields[4], gauge("flag", true));
}

TEST(Scale, MistakesAreFoundBeforeTheFirstRecord) {
  EXPECT_THAT(mistakes_of(R"([{"scale": {"fields": {"raw": 0, "used": "x", "totl": 2,
                                                    "temp": {"factr": 1, "unit": "degX"}}}},
                              {"filter": {"drop": "raw < 5 s"}}])"),
              ElementsAre(HasSubstr("/fields/raw: the factor cannot be 0"),
                          HasSubstr("/fields/used: must be a factor"),
                          HasSubstr("/fields/temp/unit: unknown unit"),
                          HasSubstr("/fields/temp/factr: unknown option"),
                          HasSubstr("/fields/totl: no metric here")));
}

TEST(Round, CutsTheDigitsOfFractions) {
  const auto round = disk_stage("round", R"({"fields": {"us*": 2}, "digits": 0})");
  auto record = make_record("fs", {gauge("used", 1.236), gauge("total", 2.5),
                                   gauge("raw", std::int64_t{7}), gauge("temp", 1e308)});

  round->process(record, {});

  EXPECT_EQ(value_of(record, "used"), FieldValue(1.24));
  EXPECT_EQ(value_of(record, "total"), FieldValue(3.0));
  EXPECT_EQ(value_of(record, "raw"), FieldValue(std::int64_t{7}));
  EXPECT_EQ(value_of(record, "temp"), FieldValue(1e308));
  EXPECT_THAT(mistakes_of(R"([{"round": {"fields": {"used": 16, "usde": 1}}}, "round"])"),
              ElementsAre(HasSubstr("/0/round/fields/used: must be 0 to 15"),
                          HasSubstr("needs `digits` or `fields`"),
                          HasSubstr("/0/round/fields/usde: no metric here")));
}

TEST(Rate, LaterStagesKnowThatCountersAreRates) {
  EXPECT_THAT(mistakes_of(R"(["rate", {"filter": {"drop": "reads < 5 Hz"}}])"), IsEmpty());
  EXPECT_THAT(mistakes_of(R"([{"filter": {"drop": "reads < 5 Hz"}}])"),
              ElementsAre(HasSubstr("cannot compare {operation}")));
}

}  // namespace
}  // namespace unity
