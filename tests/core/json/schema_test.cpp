#include "unity/core/json/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace unity::json {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Value json(std::string_view text) {
  auto value = parse(text);
  EXPECT_TRUE(value) << text;
  return value ? std::move(*value) : Value();
}

Schema compiled(std::string_view text) {
  auto schema = Schema::compile(json(text));
  EXPECT_TRUE(schema) << schema.error().message;
  return std::move(*schema);
}

std::string compile_error(std::string_view text) {
  const auto schema = Schema::compile(json(text));
  return schema ? "" : schema.error().message;
}

// "pointer: message", for each mismatch.
std::vector<std::string> mismatches(const Schema& schema, Value document) {
  std::vector<std::string> lines;
  for (const auto& mismatch : schema.check(document)) {
    lines.push_back(mismatch.pointer + ": " + mismatch.message);
  }
  return lines;
}

std::vector<std::string> mismatches(std::string_view schema, std::string_view document) {
  return mismatches(compiled(schema), json(document));
}

TEST(Schema, AcceptsWhatFits) {
  EXPECT_THAT(mismatches(R"({"type": "object", "additionalProperties": false, "required": ["host"],
                             "properties": {"host": {"type": "string", "minLength": 1},
                                            "port": {"type": "integer", "maximum": 65535}}})",
                         R"({"host": "nas", "port": 22})"),
              IsEmpty());
}

TEST(Schema, ReportsEveryMismatchWithItsPointer) {
  const auto found = mismatches(
      R"({"type": "object", "additionalProperties": false, "required": ["targets", "user"],
          "properties": {"user": {"type": "string"}, "targets": {"type": "array", "minItems": 3,
            "items": {"type": "object", "properties": {
              "port": {"type": "integer", "minimum": 1, "exclusiveMaximum": 65536}}}}}})",
      R"({"targets": [{"port": 0}, {"port": "22"}], "taregts": 1})");

  EXPECT_THAT(found, ElementsAre(R"(: "user" is missing)",
                                 R"(/taregts: unknown name "taregts"; did you mean "targets"?)",
                                 "/targets: must have at least 3 items, has 2",
                                 "/targets/0/port: must be at least 1, is 0",
                                 "/targets/1/port: must be an integer, is a string"));
}

TEST(Schema, FillsDefaultsAlsoInNestedObjectsAndItems) {
  const auto schema = compiled(
      R"({"type": "object", "properties": {
            "retries": {"type": "integer", "default": 3},
            "tls": {"type": "object", "default": {}, "properties": {"verify": {"default": true}}},
            "disks": {"type": "array", "items": {"type": "object", "properties": {
                "mount": {"type": "string", "default": "/"}}}}}})");
  Value document = json(R"({"disks": [{}, {"mount": "/home"}], "retries": 1})");

  EXPECT_TRUE(schema.check(document).empty());

  EXPECT_EQ(dump(document),
            R"({"disks":[{"mount":"/"},{"mount":"/home"}],"retries":1,"tls":{"verify":true}})");
}

TEST(Schema, TreatsMissingOptionsAsAnEmptyObject) {
  const auto schema = compiled(R"({"type": "object", "properties": {"a": {"default": 1}}})");
  Value document;

  EXPECT_TRUE(schema.check(document).empty());

  EXPECT_EQ(dump(document), R"({"a":1})");
}

TEST(Schema, KeepsNullWhereTheSchemaAllowsIt) {
  EXPECT_THAT(mismatches(R"({"type": ["object", "null"]})", "null"), IsEmpty());
  EXPECT_THAT(mismatches(R"({"type": "string"})", "null"),
              ElementsAre(": must be a string, is null"));
}

TEST(Schema, ListsTheTypesOfWhichNoneFits) {
  EXPECT_THAT(mismatches(R"({"type": ["integer", "string", "null"]})", "[]"),
              ElementsAre(": must be an integer, a string or null, is an array"));
  EXPECT_THAT(mismatches(R"({"type": "integer"})", "1.5"),
              ElementsAre(": must be an integer, is a number"));
}

TEST(Schema, TakesAWholeNumberWithAFractionOfZeroAsAnInteger) {
  EXPECT_THAT(mismatches(R"({"type": "integer"})", "3.0"), IsEmpty());
  EXPECT_THAT(mismatches(R"({"enum": [3]})", "3.0"), IsEmpty());
}

TEST(Schema, ComparesWholeNumbersExactlyEvenAboveTheRangeOfDoubles) {
  EXPECT_THAT(mismatches(R"({"maximum": 9007199254740992})", "9007199254740993"),
              ElementsAre(": must be at most 9007199254740992, is 9007199254740993"));
  EXPECT_THAT(mismatches(R"({"minimum": 0})", "18446744073709551615"), IsEmpty());
}

TEST(Schema, ChecksEachNumericBound) {
  EXPECT_THAT(mismatches(R"({"maximum": 10})", "10.5"),
              ElementsAre(": must be at most 10, is 10.5"));
  EXPECT_THAT(mismatches(R"({"exclusiveMinimum": 1})", "1"),
              ElementsAre(": must be more than 1, is 1"));
  EXPECT_THAT(mismatches(R"({"exclusiveMaximum": 1})", "1"),
              ElementsAre(": must be less than 1, is 1"));
}

TEST(Schema, CountsCharactersNotBytes) {
  EXPECT_THAT(mismatches(R"({"maxLength": 3})", R"("äöü")"), IsEmpty());
  EXPECT_THAT(mismatches(R"({"minLength": 4})", R"("äöü")"),
              ElementsAre(": must have at least 4 characters, has 3"));
}

TEST(Schema, FindsEqualItemsWhereTheyMustBeUnique) {
  EXPECT_THAT(
      mismatches(R"({"uniqueItems": true})", R"([{"a": 1, "b": 2}, 7, {"b": 2, "a": 1.0}])"),
      ElementsAre(": items 0 and 2 are equal; each may appear only once"));
}

TEST(Schema, FindsItemsUniqueThatOnlyLookAlike) {
  for (const auto* items :
       {R"([null, false, 0, "", [], {}, "null", "0", [0], ["0"], {"0": 0}, [[]], [{}]])",
        R"([["a", "b"], ["a,b"], [["a"], "b"], ["ab"], {"a": "b"}, {"ab": ""}, {"a": {"b": 1}}])",
        R"([9007199254740993, 9007199254740992, 18446744073709551615, 18446744073709551616.0,
            -9223372036854775808, 9223372036854775808, 0.5, 0.25, 1e300])"}) {
    EXPECT_THAT(mismatches(R"({"uniqueItems": true})", items), IsEmpty()) << items;
  }
  for (const auto* items : {"[-0.0, 0]", "[-9223372036854775808, -9223372036854775808.0]",
                            "[9223372036854775808, 9.223372036854775808e18]", "[1e20, 100e18]",
                            R"([["\u0061", 1.0], ["a", 1]])"}) {
    EXPECT_THAT(mismatches(R"({"uniqueItems": true})", items),
                ElementsAre(": items 0 and 1 are equal; each may appear only once"))
        << items;
  }
}

// Each compared with each would take longer than a test may.
TEST(Schema, HoldsManyItemsAgainstEachOther) {
  json::Array items;
  for (int i = 0; i < 100'000; ++i) items.emplace_back(i);
  items.emplace_back(99'998);
  Value document(std::move(items));

  const auto found = Schema::compile(*parse(R"({"uniqueItems": true})"))->check(document);

  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].message, "items 99998 and 100000 are equal; each may appear only once");
}

TEST(Schema, NamesTheChoicesAndTheNearest) {
  EXPECT_THAT(
      mismatches(R"({"enum": ["fast", "slow", 3]})", R"("fats")"),
      ElementsAre(R"(: must be one of "fast", "slow", 3; is "fats", did you mean "fast"?)"));
  EXPECT_THAT(mismatches(R"({"const": 1})", "2"), ElementsAre(": must be 1, is 2"));
}

TEST(Schema, EscapesNamesInPointers) {
  EXPECT_THAT(mismatches(R"({"properties": {"a/b~c": {"type": "null"}}})", R"({"a/b~c": 1})"),
              ElementsAre("/a~1b~0c: must be null, is an integer"));
}

TEST(Schema, ListsNotMoreThanAFewValidNames) {
  Value properties{Object()};
  for (int i = 0; i < 25; ++i) properties.set("p" + std::to_string(i), Object());
  const auto found =
      mismatches(R"({"additionalProperties": false, "properties": )" + dump(properties) + "}",
                 R"({"completely": 1})");

  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].ends_with(", p18, p19 and 5 more")) << found[0];
}

TEST(Schema, ListsTheValidNamesWhenNoneIsNear) {
  EXPECT_THAT(
      mismatches(R"({"additionalProperties": false, "properties": {"host": {}, "port": {}}})",
                 R"({"completely": 1})"),
      ElementsAre(R"(/completely: unknown name "completely"; valid names are host, port)"));
  EXPECT_THAT(mismatches(R"({"additionalProperties": false})", R"({"a": 1})"),
              ElementsAre(R"(/a: unknown name "a"; none is allowed here)"));
}

TEST(Schema, TakesDurationsAsTextOrSeconds) {
  const auto schema = compiled(R"({"$ref": "unity:duration", "default": "5s", "title": "Wait"})");

  for (const auto* good : {R"("5s")", R"("250ms")", R"("60")", "0", "1.5"}) {
    EXPECT_THAT(mismatches(schema, json(good)), IsEmpty()) << good;
  }
  for (const auto* bad : {R"("5 parsecs")", R"("")", "-1", "true", "null", "1e300"}) {
    EXPECT_EQ(mismatches(schema, json(bad)).size(), 1u) << bad;
  }
}

TEST(Schema, TakesOnlyReferencesAsSecretsAndNeverRepeatsWhatStandsThere) {
  const auto schema = compiled(R"({"$ref": "unity:secret"})");

  EXPECT_THAT(mismatches(schema, json(R"({"$secret": "nas"})")), IsEmpty());
  for (const auto* bad :
       {R"("hunter2")", R"({"$secret": ""})", R"({"$secret": "hunter2", "x": 1})"}) {
    const auto found = mismatches(schema, json(bad));
    ASSERT_EQ(found.size(), 1u) << bad;
    EXPECT_EQ(found[0].find("hunter2"), std::string::npos);
  }
}

TEST(SchemaCompile, NamesAnUnknownKeywordItsPlaceAndTheNearest) {
  EXPECT_EQ(compile_error(R"({"properties": {"port": {"type": "integer", "minium": 1}}})"),
            R"(/properties/port/minium: unknown keyword "minium"; did you mean "minimum"?)");
  EXPECT_THAT(compile_error(R"({"patternProperties": {}})"), HasSubstr("the keywords are type,"));
}

TEST(SchemaCompile, ReportsAllProblemsOneALine) {
  EXPECT_EQ(compile_error(R"({"type": "text", "title": 1, "items": {"minLength": -1}})"),
            R"(/type: "type" must be one or an array of "null", "boolean", "integer", "number", )"
            R"("string", "array", "object")"
            "\n/title: \"title\" must be a string"
            "\n/items/minLength: \"minLength\" must be a whole number, at least 0");
}

TEST(SchemaCompile, RefusesWrongValuesOfKeywords) {
  for (const auto* schema : {"[]",
                             "true",
                             R"({"type": []})",
                             R"({"type": ["string", "string"]})",
                             R"({"enum": []})",
                             R"({"enum": "a"})",
                             R"({"minimum": "1"})",
                             R"({"minItems": 1.5})",
                             R"({"required": "a"})",
                             R"({"required": ["a", "a"]})",
                             R"({"properties": []})",
                             R"({"properties": {"a": 1}})",
                             R"({"items": []})",
                             R"({"uniqueItems": 1})",
                             R"({"additionalProperties": {}})",
                             R"({"$ref": "#/definitions/a"})",
                             R"({"$ref": "unity:secret", "minLength": 1})",
                             R"({"type": "string", "minimum": 1})",
                             R"({"minimum": 2, "maximum": 1})",
                             R"({"required": ["a"], "additionalProperties": false})",
                             R"({"examples": 1})"}) {
    EXPECT_NE(compile_error(schema), "") << schema;
  }
}

TEST(SchemaCompile, ChecksDefaultsAgainstTheirOwnSchema) {
  EXPECT_EQ(
      compile_error(R"({"properties": {"n": {"type": "integer", "maximum": 5, "default": 9}}})"),
      "/properties/n/default: does not fit its own schema: must be at most 5, is 9");
  EXPECT_EQ(
      compile_error(R"({"$ref": "unity:duration", "default": "soon"})"),
      "/default: does not fit its own schema: must be a duration such as \"30s\", \"5m\" or a "
      "number of seconds, is \"soon\"");
}

TEST(SchemaCompile, SaysTheFirstProblemsAndHowManyMore) {
  Value properties{Object()};
  for (int i = 0; i < 60; ++i) properties.set("p" + std::to_string(i), 7);
  const auto text = compile_error(R"({"properties": )" + dump(properties) + "}");

  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 50);
  EXPECT_TRUE(text.ends_with("\nand 10 more")) << text;
}

TEST(SchemaCompile, BoundsTheNestingOfSchemas) {
  std::string deep = "{}";
  for (int i = 0; i < 100; ++i) deep = R"({"items": )" + deep + "}";

  EXPECT_THAT(compile_error(deep), HasSubstr("nested more than 64 deep"));
}

}  // namespace
}  // namespace unity::json
