#include "unity/core/json/stored_record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "core/support/records.hpp"
#include "support/same_record.hpp"
#include "unity/core/json/record_writer.hpp"
#include "unity/core/json/value.hpp"

namespace unity::json {
namespace {

using test::expect_same;
using testing::HasSubstr;

void expect_round_trip(const Record& record) {
  const auto text = to_stored_json(record);
  SCOPED_TRACE(text);
  const auto back = from_stored_json(text);
  ASSERT_TRUE(back) << back.error().message;
  expect_same(record, *back);
}

Record with_value(FieldValue value) { return make_record("m", {gauge("x", std::move(value))}); }

TEST(StoredRecord, KeepsEveryValueAndItsType) {
  using Int = std::numeric_limits<std::int64_t>;
  using Real = std::numeric_limits<double>;
  for (const FieldValue& value :
       std::initializer_list<FieldValue>{std::monostate{},
                                         true,
                                         false,
                                         std::int64_t{0},
                                         std::int64_t{-1},
                                         Int::min(),
                                         Int::max(),
                                         std::uint64_t{0},
                                         std::uint64_t{7},
                                         std::uint64_t{1} << 63,
                                         std::numeric_limits<std::uint64_t>::max(),
                                         0.0,
                                         -0.0,
                                         1.0,
                                         -1e15,
                                         1e16,
                                         0.1,
                                         1e300,
                                         Real::min(),
                                         Real::max(),
                                         Real::denorm_min(),
                                         Real::infinity(),
                                         -Real::infinity(),
                                         Real::quiet_NaN(),
                                         std::string(),
                                         std::string("NaN"),
                                         std::string("\"\\\n\x01\u00e9")}) {
    expect_round_trip(with_value(value));
  }
}

TEST(StoredRecord, KeepsDoublesToTheLastBit) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const auto bits = random();
    const auto real = std::bit_cast<double>(bits);

    if (std::isnan(real)) continue;
    const auto back = from_stored_json(to_stored_json(with_value(real)));
    ASSERT_TRUE(back);
    ASSERT_EQ(back->fields[0].value, FieldValue(real)) << bits;
  }
}

TEST(StoredRecord, KeepsKindUnitTagsOriginAndTimes) {
  auto record = make_record("disk",
                            {{"read", 1.5, Kind::rate, "By/s"},
                             {"on", true, Kind::boolean, ""},
                             {"name", "sda", Kind::text, ""},
                             {"total", std::uint64_t{3}, Kind::counter, "1"}},
                            {{"a", "1"}, {"b", ""}});
  record.origin = std::make_shared<const Origin>(Origin{"box", "unity.disk", "disk"});
  record.time = Time(std::chrono::microseconds(1'700'000'000'123'456));
  record.time_text = "yesterday";
  record.summary = "all is well";
  record.host_made = true;
  expect_round_trip(record);

  record.time = Time(std::chrono::microseconds(std::numeric_limits<std::int64_t>::max()));
  expect_round_trip(record);
  record.time = Time(std::chrono::microseconds(-1));
  expect_round_trip(record);
  expect_round_trip(Record());
}

TEST(StoredRecord, KeepsRowsOfDatasetsAndTheirPlace) {
  auto row = make_record("drives", {gauge("hours", std::int64_t{7})});
  row.fields[0].unit = "i64";
  row.is_row = true;
  row.sequence = 42;
  expect_round_trip(row);
  EXPECT_TRUE(from_stored_json(to_stored_json(row))->is_row);
  EXPECT_EQ(from_stored_json(to_stored_json(row))->sequence, 42u);
}

TEST(Payload, OfARowThatCouldNotBeReadIsTheRow) {
  const auto time = *parse_rfc3339("2026-01-31T12:00:00Z");
  const auto payload = read_payload(to_letter_json("drives", time, R"({"hours":"many"})"));
  ASSERT_TRUE(payload) << payload.error().message;
  EXPECT_FALSE(payload->processed);
  EXPECT_TRUE(payload->record.is_row);
  EXPECT_EQ(payload->record.metric, "drives");
  EXPECT_EQ(payload->record.time, time);
  EXPECT_EQ(payload->row, R"({"hours":"many"})");
}

TEST(StoredRecord, SaysWhatIsWrong) {
  const auto message = [](std::string_view text) {
    const auto read = from_stored_json(text);
    EXPECT_FALSE(read) << text;
    return read ? std::string() : read.error().message;
  };
  EXPECT_THAT(message("{"), HasSubstr("line 1"));
  EXPECT_THAT(message("[]"), HasSubstr("no JSON object"));
  EXPECT_THAT(message(R"({"metric":"m"})"), HasSubstr("fields"));
  EXPECT_THAT(message(R"({"metric":1,"fields":[]})"), HasSubstr("must be text"));
  EXPECT_THAT(message(R"({"time":"soon","fields":[]})"), HasSubstr("no time"));
  EXPECT_THAT(message(R"({"time":1.5,"fields":[]})"), HasSubstr("no time"));
  EXPECT_THAT(message(R"({"tags":{"a":1},"fields":[]})"), HasSubstr("tag"));
  EXPECT_THAT(message(R"({"fields":[{"name":"x","kind":"odd","value":1}]})"), HasSubstr("kind"));
  EXPECT_THAT(message(R"({"fields":[{"name":"x","kind":"rate","value":[1]}]})"),
              HasSubstr("nested"));
  EXPECT_THAT(message(R"({"fields":[{"name":"x","kind":"rate","value":-1,"type":"u64"}]})"),
              HasSubstr("type"));
}

TEST(Payload, IsReadInEitherForm) {
  auto record = make_record("m", {gauge("x", 1.0), gauge("y", std::int64_t{2}), gauge("z", {})},
                            {{"lane", "1"}});
  record.time_text = "2026-01-31T12:00:00Z";
  record.summary = "s";

  const auto emitted = read_payload(to_json(record));
  const auto processed = read_payload(to_stored_json(record));

  ASSERT_TRUE(emitted);
  EXPECT_FALSE(emitted->processed);
  expect_same(emitted->record, record);
  ASSERT_TRUE(processed);
  EXPECT_TRUE(processed->processed);
  expect_same(processed->record, record);
}

TEST(Payload, AsEmittedMayStandOnSeveralLines) {
  const auto read = read_payload("{\"metric\":\"m\",\n \"value\": 1}\n");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->record.metric, "m");
}

TEST(Payload, ThatIsNoRecordSaysWhy) {
  for (const auto* text :
       {"", "{oops", "1", "{\"metric\":\"m\"}",
        "{\"metric\":\"m\",\"value\":1},{\"metric\":\"m\",\"value\":1}", "{\"fields\":[1]}"}) {
    const auto read = read_payload(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, Errc::invalid);
  }
}

}  // namespace
}  // namespace unity::json
