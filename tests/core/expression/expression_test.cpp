#include "unity/core/expression/expression.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/expression/support.hpp"

namespace unity {
namespace {

using Cases = std::initializer_list<std::pair<const char*, const char*>>;

void expect_all(Cases cases) {
  for (const auto& [text, expected] : cases) EXPECT_EQ(outcome_of(text), expected) << text;
}

TEST(Expression, Literals) {
  expect_all({{"1", "1"},
              {"1.5e3", "1500"},
              {".5", "0.5"},
              {"5 GB", "5 GB"},
              {"5GB", "5 GB"},
              {"80 %", "80 %"},
              {"10 MB/s", "10 MB/s"},
              {"3 {packet}/s", "3 {packet}/s"},
              {"9 m/s2", "9 m/s2"},
              {"-5 Cel", "-5 Cel"},
              {"20 \u00b0C", "20 Cel"},
              {"68 [degF]", "68 [degF]"},
              {"true", "true"},
              {"\"a\\n\\\"b\\\\\"", "\"a\n\"b\\\""},
              {"'a\\d \"b\"'", "\"a\\d \"b\"\""}});
}

TEST(Expression, NamesOfFieldsTagsAndTheRecord) {
  expect_all({{"used", "8000000000 By"},
              {"`read bytes`", "512 By"},
              {"state", "\"Mounted\""},
              {"read_only", "true"},
              {"tags.mount", "\"/srv/data\""},
              {"tags[\"odd tag\"]", "\"x\""},
              {"tags.`odd tag`", "\"x\""},
              {"tags.none", "null"},
              {"metric", "\"filesystem\""},
              {"instance", "\"disk-1\""},
              {"plugin", "\"unity.disk\""},
              {"device", "\"nas\""},
              {"time", "1700000000.5 s"},
              {"odd", "3"}});
}

TEST(Expression, ArithmeticBindsAsUsual) {
  expect_all({{"1 + 2 * 3", "7"},
              {"(1 + 2) * 3", "9"},
              {"7 - 2 - 1", "4"},
              {"12 / 3 / 2", "2"},
              {"7 % 4", "3"},
              {"plain % 4", "3"},
              {"7 % (2 + 2)", "3"},
              {"-2 * -3", "6"},
              {"--2", "2"},
              {"plain - 1", "6"},
              {"2 - -1", "3"},
              {"1 + 1 == 2", "true"},
              {"not 1 == 2", "true"},
              {"not false and false", "false"},
              {"true or false and false", "true"},
              {"true || false && false", "true"},
              {"!true", "false"},
              {"1 < 2 == true", "true"}});
}

TEST(Expression, UnitsAreReckonedWith) {
  expect_all({{"used < 5 GB", "false"},
              {"5 GB < used", "true"},
              {"used >= 8000 MB", "true"},
              {"total - used", "2000000000 By"},
              {"total - 1 GB", "9000000000 By"},
              {"1 kB + 1 KiB", "2.024 kB"},
              {"used / total", "0.8 1"},
              {"(used / total) == 80 %", "true"},
              {"used / age", "88888888.8889 By/s"},
              {"used / 4 s > 1 GB/s", "true"},
              {"1 MB/s * 1 min", "1 MB.min/s"},
              {"convert(1 MB/s * 1 min, 'MB')", "60 MB"},
              {"age == 1.5 min", "true"},
              {"age % 1 min", "30 s"},
              {"1 / age > 0.01 Hz", "true"},
              {"inodes * 256 By", "3072 {inode}.By"},
              {"5 GB / total", "0.5 1"},
              {"inodes / 2 {packet}", "6 {inode}/{packet}"},
              {"total / 2", "5000000000 By"},
              {"2 * used", "16000000000 By"},
              {"max(used, 9 GB)", "9000000000 By"},
              {"min(1 GB, 500 MB, used)", "500000000 By"},
              {"used in [8 GB, 1 kB]", "true"},
              {"convert(used, \"GB\")", "8 GB"},
              {"convert(temp, \"degF\")", "77 [degF]"}});
}

TEST(Expression, APlainNumberTakesTheUnitOfWhatItMeets) {
  expect_all({{"used_percent > 79", "true"},
              {"used_percent > 0.8", "true"},
              {"used == 8000000000", "true"},
              {"used + 1", "8000000001 By"},
              {"plain < 1 kB", "false"},
              {"temp > 24", "true"},
              {"temp + 5", "30 Cel"},
              {"coalesce(absent, 0)", "0 By"},
              {"convert(plain, \"ms\")", "7 ms"},
              {"odd < 4 s", "true"}});
}

TEST(Expression, TemperaturesArePointsOnAScale) {
  expect_all({{"temp > 70 degF", "true"},
              {"temp == 298.15 K", "true"},
              {"temp - 20 Cel", "5 K"},
              {"temp + 5 K", "30 Cel"},
              {"5 K + temp", "30 Cel"},
              {"temp - 5 K", "20 Cel"},
              {"68 degF - 50 degF", "10 K"},
              {"abs(-5 Cel)", "5 Cel"},
              {"temp + temp",
               "1:1: two temperatures cannot be added; a difference in K can be added to one"},
              {"temp * 2",
               "1:1: a temperature in Cel cannot be multiplied or divided, as its zero is "
               "arbitrary; convert it to K first"},
              {"convert(temp, 'K') * 2", "596.3 K"}});
}

TEST(Expression, NullsAreNeitherTrueNorFalse) {
  expect_all({{"absent", "null"},
              {"nothing", "null"},
              {"absent + 1", "null"},
              {"absent > 1 GB", "null"},
              {"not (absent > 1 GB)", "null"},
              {"absent > 1 GB and false", "false"},
              {"absent > 1 GB and true", "null"},
              {"absent > 1 GB or true", "true"},
              {"true or absent > 1 GB", "true"},
              {"absent in [1 GB]", "null"},
              {"is_null(absent)", "true"},
              {"is_null(used)", "false"},
              {"exists(nothing)", "false"},
              {"exists(tags.mount)", "true"},
              {"coalesce(absent, nothing, used)", "8000000000 By"},
              {"coalesce(tags.none, \"no\")", "\"no\""},
              {"if(absent > 1, \"a\", \"b\")", "\"b\""},
              {"if(used > 1 GB, null, used)", "null"},
              {"max(used, absent)", "null"},
              {"lower(tags.none)", "null"},
              {"1 / 0", "null"},
              {"1 % 0", "null"},
              {"sqrt(-1)", "null"},
              {"log(0)", "null"},
              {"pow(10, 400)", "null"},
              {"absent == null", "1:11: nothing compares with null; write is_null(\u2026)"},
              {"null", "1:1: this is null for every record"}});
}

TEST(Expression, TextAndLists) {
  expect_all({{"state == \"Mounted\"", "true"},
              {"state < \"Z\"", "true"},
              {"tags.mount =~ \"^/srv/\"", "true"},
              {"tags.mount =~ '^/[a-z]{3}/d.*a$'", "true"},
              {"tags.mount !~ \"^/srv/\"", "false"},
              {"tags.none !~ \"^/srv/\"", "null"},
              {"glob(tags.mount, \"/srv/*\")", "true"},
              {"glob(tags.mount, \"/sr?\")", "false"},
              {"tags.mount in [\"/\", \"/srv/data\"]", "true"},
              {"tags.mount not in [\"/\", \"/srv/data\"]", "false"},
              {"plain in [1, 7]", "true"},
              {"plain in []", "false"},
              {"lower(state)", "\"mounted\""},
              {"upper(lower(state))", "\"MOUNTED\""},
              {"lower(\"ABC\") == \"abc\"", "true"},
              {"starts_with(state, \"Mou\")", "true"},
              {"ends_with(state, \"ted\")", "true"},
              {"contains(state, \"unt\")", "true"},
              {"length(\"\u00e4b\")", "2"}});
}

TEST(Expression, Functions) {
  expect_all({{"abs(-3)", "3"},
              {"round(2.567, 1)", "2.6"},
              {"round(2.5)", "3"},
              {"round(1234 ms, -2)", "1200 ms"},
              {"floor(2.7)", "2"},
              {"ceil(2.1)", "3"},
              {"sqrt(16)", "4"},
              {"sqrt(25 %)", "0.5 1"},
              {"pow(2, 10)", "1024"},
              {"log(exp(2))", "2"},
              {"log10(1000)", "3"},
              {"clamp(plain, 0, 5)", "5"},
              {"clamp(used, 1 GB, 2 GB)", "2000000000 By"},
              {"if(read_only, 1 kB, 1 By)", "1 kB"},
              {"if(not read_only, 1 kB, 500 By)", "0.5 kB"}});
}

TEST(Expression, MistakesSayWhatAndWhere) {
  expect_all({
      {"used < 5 s", "1:1: cannot compare By (information) with s (time)"},
      {"1 and true", "1:1: `and` needs a condition; this is a number"},
      {"used + age", "1:1: cannot add s (time) to By (information)"},
      {"used - age", "1:1: cannot subtract s (time) from By (information)"},
      {"used + state", "1:8: `+` needs a number; this is text"},
      {"state == 1", "1:1: cannot compare text with a number"},
      {"read_only == 1",
       "1:1: cannot compare a condition with a number; a condition stands for itself, or compares "
       "with true and false"},
      {"read_only < true", "1:1: a condition has no order; compare it with == or !="},
      {"usde > 1", "1:1: metric \"filesystem\" has no field \"usde\"; did you mean used?"},
      {"used > 5 GBB", "1:10: unknown unit \"GBB\"; did you mean \"GB\"?"},
      {"used > 5 Gb", "1:10: unknown unit \"Gb\"; write Gbit for bits or GB for bytes"},
      {"age > 5 m", "1:1: cannot compare s (time) with m (length); m is metres, minutes are min"},
      {"used = 1", "1:6: \"=\" compares nothing; write =="},
      {"used >", "1:7: a value is missing at the end"},
      {"", "1:1: a value is missing at the end"},
      {"(used", "1:6: `)` is missing at the end"},
      {"used used", "1:6: an operator was expected instead of used"},
      {"used )", "1:6: an operator was expected instead of )"},
      {"1 + and", "1:5: a value was expected instead of and"},
      {"tags", "1:5: a tag, as in tags.device, is missing at the end"},
      {"tags.1", "1:5: a tag, as in tags.device, was expected instead of .1"},
      {"\"open", "1:1: the closing \" is missing"},
      {"\"\\x\"", "1:2: unknown escape; there are \\\\ \\\" \\n \\t, and none in single quotes"},
      {"used # 1", "1:6: this character has no meaning here"},
      {"cel(1)", "1:1: there is no function cel(); did you mean ceil()?"},
      {"abs()", "1:1: abs() takes 1 values, not 0"},
      {"round(1, 2, 3)", "1:1: round() takes 1 to 2 values, not 3"},
      {"round(1, plain)", "1:10: the digits must be a whole number from -15 to 15"},
      {"max(1)", "1:1: max() takes at least 2 values, not 1"},
      {"convert(used, \"s\")", "1:1: cannot convert By (information) to s (time)"},
      {"convert(used, age)", "1:15: a unit in quotes is needed here, as in convert(free, \"GB\")"},
      {"sqrt(used)", "1:6: sqrt() takes a ratio, not By (information); divide first"},
      {"state =~ state", "1:10: a pattern in quotes is needed here"},
      {"state =~ '(a'", "1:10: this is no regular expression (POSIX extended): Unmatched ( or \\("},
      {"state =~ '((a{200}){200}){200}'",
       "1:10: this pattern cannot be used: its repetitions are more than 1000"},
      {"state =~ '(a)\\1'", "1:10: this pattern cannot be used: back references are not supported"},
      {"used in 5", "1:9: a list such as [\"sda\", \"sdb\"] was expected instead of 5"},
      {"used in [age]", "1:10: a list has only fixed values"},
      {"used in [\"a\"]", "1:10: cannot compare a number in By (information) with text"},
      {"used in [1 s]",
       "1:10: cannot compare a number in By (information) with a number in s (time)"},
      {"if(true, 1, \"a\")", "1:1: if() may give a number or text; both must be of one type"},
      {"exists(1)", "1:8: exists() takes the name of a field or tag"},
      {"used >\n  1 s", "1:1: cannot compare By (information) with s (time)"},
      {"true and\n  used < 1 s", "2:3: cannot compare By (information) with s (time)"},
      {"\"\u00e4\" == \"\u00f6\" and 1", "1:16: `and` needs a condition; this is a number"},
  });
}

TEST(Expression, AMistakeIsShownWhereItIs) {
  const std::string text = "true and\n  \u00e4used < 1 s";
  Mistake mistake;
  EXPECT_FALSE(Expression::compile("true and\n  used < 1 s", {&filesystem_spec(), {}}, &mistake));

  EXPECT_EQ(mistake.offset, 11u);
  EXPECT_EQ(mistake.length, 10u);
  EXPECT_EQ(render(mistake, "true and\n  used < 1 s"),
            "2:3: cannot compare By (information) with s (time)\n"
            "    used < 1 s\n"
            "    ^^^^^^^^^^\n");

  EXPECT_FALSE(Expression::compile("\"\u00e4\" + ", {}, &mistake));
  EXPECT_EQ(render(mistake, "\"\u00e4\" + "),
            "1:7: a value is missing at the end\n  \"\u00e4\" + \n        ^\n");
}

TEST(Expression, BoundsItsTextAndItsDepth) {
  EXPECT_THAT(outcome_of(std::string(65, '(') + "1" + std::string(65, ')')),
              testing::HasSubstr("more than 64 brackets"));
  EXPECT_EQ(outcome_of(std::string(60, '(') + "1" + std::string(60, ')')), "1");
  EXPECT_THAT(outcome_of(std::string(5000, ' ')), testing::HasSubstr("at most 4096 bytes"));
  std::string sum = "1";
  for (int i = 0; i < 300; ++i) sum += "+1";
  EXPECT_THAT(outcome_of(sum), testing::HasSubstr("more than 200 operations in a row"));
  EXPECT_THAT(outcome_of(std::string(300, '-') + "1"), testing::HasSubstr("too many signs"));
  std::string list = "plain in [1";
  for (int i = 0; i < 300; ++i) list += ",1";
  EXPECT_THAT(outcome_of(list + "]"), testing::HasSubstr("more than 200 values"));
}

TEST(Expression, FieldsOfAnOpenMetricMayBeAnything) {
  MetricSpec open = filesystem_spec();
  open.open = true;
  const Scope scope{&open, {}};

  EXPECT_EQ(outcome_of("extra", scope), "true");
  EXPECT_EQ(outcome_of("extra and used > 1 GB", scope), "true");
  EXPECT_EQ(outcome_of("extra == true", scope), "true");
  EXPECT_EQ(outcome_of("extra + 1", scope), "null");
  EXPECT_EQ(outcome_of("unknown > 1 GB", scope), "null");
  EXPECT_EQ(outcome_of("state == \"Mounted\" and unknown", scope), "null");
  EXPECT_EQ(outcome_of("plain * 2", {}), "14");
  EXPECT_EQ(outcome_of("plain + 1 kB", {}), "8 kB");
}

TEST(Expression, AFieldThatOnlyOtherMetricsHaveIsNull) {
  MetricSpec cpu{"cpu", {}, {{"usage", "%", Kind::gauge, {}, {}}}, false};
  const MetricSpec* const both[] = {&filesystem_spec(), &cpu};
  const Scope scope{&filesystem_spec(), both};

  EXPECT_EQ(outcome_of("usage > 80 %", scope), "null");
  EXPECT_EQ(outcome_of("usage > 80 % or used > 1 GB", scope), "true");
  EXPECT_THAT(outcome_of("usaeg", scope), testing::HasSubstr("has no field"));
  EXPECT_TRUE(Expression::compile("used + 2 * usage", scope)->always_null());
  EXPECT_FALSE(Expression::compile("coalesce(usage, 1)", scope)->always_null());
}

TEST(Expression, TheUnitThatARecordNamesWins) {
  auto expression = Expression::compile("used < 5 GB", {&filesystem_spec(), {}});
  auto record = make_record("filesystem", {gauge("used", 4.0, "GB")});
  EXPECT_TRUE(expression->evaluate(record).is_true());
  record.fields[0] = gauge("used", 4.0, "GiB");
  EXPECT_TRUE(expression->evaluate(record).is_true());
  record.fields[0] = gauge("used", 6.0, "GB");
  EXPECT_FALSE(expression->evaluate(record).is_true());
  record.fields[0] = gauge("used", 4.0, "s");
  EXPECT_TRUE(expression->evaluate(record).is_null());
  record.fields[0] = gauge("used", 4.0);  // names none: as declared
  EXPECT_TRUE(expression->evaluate(record).is_true());
}

TEST(Expression, FindsFieldsWhereverARecordHasThem) {
  auto expression = Expression::compile("used - total", {&filesystem_spec(), {}});
  auto record = make_record("filesystem", {gauge("used", 5.0), gauge("total", 3.0)});
  EXPECT_EQ(expression->evaluate(record).number, 2);
  std::swap(record.fields[0], record.fields[1]);
  EXPECT_EQ(expression->evaluate(record).number, 2);
  record.fields.pop_back();
  EXPECT_TRUE(expression->evaluate(record).is_null());
  record.fields[0].value = std::string("text");
  EXPECT_TRUE(expression->evaluate(record).is_null());
}

TEST(Expression, GivesTheTypeAndUnitThatIsWanted) {
  const Scope scope{&filesystem_spec(), {}};
  const auto record = filesystem_record();
  auto share =
      Expression::compile("used / total", scope, {ValueType::number, parse_unit("%").value()});
  ASSERT_TRUE(share);
  EXPECT_EQ(share->evaluate(record).number, 80);
  EXPECT_EQ(share->unit()->text(), "%");

  EXPECT_EQ(Expression::compile("used", scope, {ValueType::boolean, {}}).error().message,
            "1:1: this place needs a condition; this is a number in By (information)");
  EXPECT_EQ(Expression::compile("used", scope, {ValueType::any, *parse_unit("s")}).error().message,
            "1:1: cannot convert By (information) to s (time)");
}

}  // namespace
}  // namespace unity
