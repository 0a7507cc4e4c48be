#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/support/manifest.hpp"
#include "core/support/records.hpp"
#include "core/support/stage.hpp"

namespace unity {
namespace {

using testing::HasSubstr;

class ValidateTest : public testing::Test {
 protected:
  Verdict check(Record& record) { return validate_->process(record, {}); }
  // The reason for which a record with one field is refused; empty if it is kept.
  std::string refusal(std::string field, FieldValue value, std::string metric = "net") {
    auto record = make_record(std::move(metric), {gauge(std::move(field), std::move(value))});
    const auto verdict = check(record);
    EXPECT_EQ(verdict.detail.empty(), verdict.action == Verdict::Action::keep);
    return verdict.reason;
  }

  std::unique_ptr<Processor> validate_ = make_stage("validate");
};

TEST_F(ValidateTest, GivesFieldsTheirDeclaredKindAndUnit) {
  auto record = make_record("net", {gauge("rx", std::int64_t{5}), gauge("load", 1.5),
                                    gauge("up", true), gauge("state", "ok")});

  ASSERT_EQ(check(record).action, Verdict::Action::keep);

  EXPECT_EQ(record.fields[0], counter("rx", std::int64_t{5}, "By"));
  EXPECT_EQ(record.fields[1], gauge("load", 1.5, "%"));
  EXPECT_EQ(record.fields[2].kind, Kind::boolean);
  EXPECT_EQ(record.fields[3].kind, Kind::text);
}

TEST_F(ValidateTest, RefusesWhatTheManifestDoesNotDeclareAndNamesIt) {
  auto metric = make_record("gpu", {gauge("x", 1.0)});
  const auto no_metric = check(metric);
  EXPECT_EQ(no_metric.reason, "undeclared");
  EXPECT_THAT(no_metric.detail, HasSubstr("\"gpu\""));
  EXPECT_THAT(no_metric.detail, HasSubstr("test.plugin"));

  auto field = make_record("net", {gauge("load", 1.0), gauge("rxx", 1.0)});
  const auto no_field = check(field);
  EXPECT_EQ(no_field.action, Verdict::Action::reject);
  EXPECT_EQ(no_field.reason, "undeclared");
  EXPECT_THAT(no_field.detail, HasSubstr("\"rxx\""));
}

TEST_F(ValidateTest, AnOpenMetricTakesAnyFieldAsWhatItsValueIs) {
  auto record = make_record(
      "open", {gauge("a", 1.5), gauge("b", true), gauge("c", "text"), gauge("d", FieldValue())});

  ASSERT_EQ(check(record).action, Verdict::Action::keep);

  EXPECT_EQ(record.fields[0].kind, Kind::gauge);
  EXPECT_EQ(record.fields[1].kind, Kind::boolean);
  EXPECT_EQ(record.fields[2].kind, Kind::text);
  EXPECT_EQ(record.fields[3].kind, Kind::gauge);
}

TEST_F(ValidateTest, AnOpenMetricTakesNoFieldThatBelongsToTheHost) {
  EXPECT_EQ(refusal("_summary", "mine", "open"), "undeclared");
}

TEST_F(ValidateTest, RefusesValuesOfTheWrongType) {
  EXPECT_EQ(refusal("load", "12"), "wrong type");
  EXPECT_EQ(refusal("rx", "12"), "wrong type");
  EXPECT_EQ(refusal("up", "yes"), "wrong type");
  EXPECT_EQ(refusal("state", 1.0), "wrong type");
  EXPECT_EQ(refusal("state", true), "wrong type");
}

TEST_F(ValidateTest, ABooleanIsTrueFalseOneOrZero) {
  EXPECT_EQ(refusal("up", true), "");
  EXPECT_EQ(refusal("up", std::int64_t{0}), "");
  EXPECT_EQ(refusal("up", 1.0), "");
  EXPECT_EQ(refusal("up", std::int64_t{2}), "wrong type");
  EXPECT_EQ(refusal("up", 0.5), "wrong type");
}

TEST_F(ValidateTest, RefusesValuesOutOfRangeButTakesTheBounds) {
  EXPECT_EQ(refusal("load", 0.0), "");
  EXPECT_EQ(refusal("load", std::int64_t{100}), "");
  EXPECT_EQ(refusal("load", 100.1), "out of range");
  EXPECT_EQ(refusal("load", std::int64_t{-1}), "out of range");
}

TEST_F(ValidateTest, RefusesACounterBelowZero) {
  EXPECT_EQ(refusal("rx", std::int64_t{-1}), "out of range");
  EXPECT_EQ(refusal("rx", UINT64_MAX), "");
}

TEST_F(ValidateTest, NullFitsEveryField) {
  for (const auto* field : {"rx", "load", "up", "state"}) EXPECT_EQ(refusal(field, {}), "");
}

}  // namespace
}  // namespace unity
