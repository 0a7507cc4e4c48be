#include "spool/codec.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "db/records.hpp"
#include "support/same_record.hpp"
#include "unity/db/spool.hpp"

namespace unity {
namespace {

using db::SpoolEntry;
using db::spool::EntryDecoder;
using db::spool::EntryHead;
using test::expect_same;

std::string random_text(std::mt19937_64& random, std::size_t size_max) {
  std::string text(random() % (size_max + 1), '\0');
  for (auto& c : text) c = static_cast<char>(random());
  return text;
}

FieldValue random_value(std::mt19937_64& random) {
  switch (random() % 9) {
    case 0:
      return std::monostate();
    case 1:
      return random() % 2 == 0;
    case 2:
      return static_cast<std::int64_t>(random() >> (random() % 64));
    case 3:
      return -static_cast<std::int64_t>(random() >> (1 + random() % 60));
    case 4:
      return random() >> (random() % 64);
    case 5:
      return random_text(random, 40);
    case 6:
      return std::bit_cast<double>(random());
    case 7:
      return std::numeric_limits<std::int64_t>::min();
    default:
      return static_cast<double>(random()) / 7;
  }
}

SpoolEntry random_entry(std::mt19937_64& random, std::size_t records_max) {
  SpoolEntry entry;
  entry.run = random();
  entry.instance = random_text(random, 20);
  entry.checkpoint = random_text(random, 100);
  const auto count = random() % (records_max + 1);
  std::vector<std::shared_ptr<const Origin>> origins{nullptr, test::origin("a"), test::origin("b")};
  for (std::size_t i = 0; i < count; ++i) {
    Record record;
    // Often like an earlier one, as records of a run are.
    if (!entry.records.empty() && random() % 3 != 0) {
      record = entry.records[random() % entry.records.size()];
      for (auto& field : record.fields) field.value = random_value(random);
    } else {
      record.origin = random() % 20 == 0 ? test::origin(random_text(random, 8))
                                         : origins[random() % origins.size()];
      record.metric = random_text(random, 12);
      for (auto n = random() % 4; n > 0; --n) {
        record.tags.set(random_text(random, 5), random_text(random, 20));
      }
      for (auto n = random() % 12; n > 0; --n) {
        record.fields.push_back({random_text(random, 24), random_value(random),
                                 static_cast<Kind>(random() % 5), random_text(random, 4)});
      }
    }
    record.time = Time(std::chrono::microseconds(static_cast<std::int64_t>(random())));
    record.host_made = random() % 4 == 0;
    record.is_row = random() % 4 == 0;
    record.sequence = record.is_row && random() % 2 == 0 ? random() : 0;
    if (random() % 5 == 0) record.summary = random_text(random, 30);
    entry.records.push_back(std::move(record));
  }
  return entry;
}

// What a payload holds, read into records that were used before.
bool decode(EntryDecoder& decoder, std::string_view payload, EntryHead& head,
            std::vector<Record>& records, std::string_view& checkpoint) {
  if (!decoder.begin(payload, head)) return false;
  records.resize(head.records);
  for (auto& record : records) {
    if (!decoder.next(record)) return false;
  }
  return decoder.finish(checkpoint);
}

TEST(SpoolCodec, GivesEveryRecordBackExactly) {
  std::mt19937_64 random(7);
  EntryDecoder decoder;
  std::vector<Record> decoded;
  for (int round = 0; round < 400; ++round) {
    const auto entry = random_entry(random, round % 50 == 0 ? 300 : 20);

    const auto encoded = db::encode_entry(entry);

    ASSERT_TRUE(encoded);
    ASSERT_EQ(encoded->size(), 1U);
    const auto& one = encoded->front();
    EntryHead head;
    std::string_view checkpoint;
    ASSERT_TRUE(decode(decoder, one.payload, head, decoded, checkpoint));
    EXPECT_EQ(head.run, entry.run);
    EXPECT_EQ(head.instance, entry.instance);
    EXPECT_EQ(checkpoint, entry.checkpoint);
    EXPECT_EQ(head.first_time, one.first_time);
    EXPECT_EQ(head.last_time, one.last_time);
    ASSERT_EQ(decoded.size(), entry.records.size());
    std::uint32_t emitted = 0;
    for (std::size_t i = 0; i < decoded.size(); ++i) {
      expect_same(entry.records[i], decoded[i]);
      EXPECT_EQ(entry.records[i].sequence, decoded[i].sequence);
      if (!entry.records[i].host_made) ++emitted;
    }
    EXPECT_EQ(head.emitted, emitted);
    EXPECT_EQ(one.emitted, emitted);
  }
}

TEST(SpoolCodec, WritesARepeatedShapeOnce) {
  SpoolEntry one;
  one.records.push_back(test::record("a_metric_with_a_long_name", test::at_second(1),
                                     {test::field("a_field_with_a_long_name", 1.0)},
                                     {{"a_key_with_a_long_name", "x"}}));
  auto two = one;
  two.records.push_back(two.records.back());

  const auto first = db::encode_entry(one)->front().payload.size();
  const auto second = db::encode_entry(two)->front().payload.size();

  EXPECT_LT(second - first, 20U);
}

TEST(SpoolCodec, SplitsWhatALargeRunLedTo) {
  SpoolEntry entry;
  entry.run = 9;
  entry.checkpoint = "here";
  for (int i = 0; i < 10; ++i) {
    entry.records.push_back(
        test::record("text", test::at_second(i),
                     {test::field("text", std::string(900'000, static_cast<char>('a' + i)))}));
  }

  const auto parts = db::encode_entry(entry);

  ASSERT_TRUE(parts);
  ASSERT_GT(parts->size(), 1U);
  EntryDecoder decoder;
  std::size_t seen = 0;
  for (const auto& part : *parts) {
    EXPECT_LE(part.payload.size(), db::kSpoolEntrySizeMax);
    EntryHead head;
    std::vector<Record> records;
    std::string_view checkpoint;
    ASSERT_TRUE(decode(decoder, part.payload, head, records, checkpoint));
    EXPECT_EQ(head.run, 9U);
    EXPECT_EQ(checkpoint, &part == &parts->back() ? "here" : "");
    for (const auto& record : records) expect_same(entry.records[seen++], record);
  }
  EXPECT_EQ(seen, entry.records.size());
}

TEST(SpoolCodec, RefusesARecordThatFitsNoEntry) {
  SpoolEntry entry;
  entry.records.push_back(
      test::record("text", {}, {test::field("text", std::string(db::kSpoolEntrySizeMax, 'x'))}));

  const auto encoded = db::encode_entry(entry);

  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().code, Errc::invalid);
}

// Verified bytes are ours, so this is a second line: nothing may crash, hang, or take much memory.
TEST(SpoolCodec, FailsCleanlyOnGarbage) {
  std::mt19937_64 random(11);
  EntryDecoder decoder;
  std::size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string payload;
    if (round % 4 == 0) {
      payload = random_text(random, 200);
    } else {
      payload = db::encode_entry(random_entry(random, 4))->front().payload;
      for (auto n = 1 + random() % 3; n > 0; --n) {
        payload[random() % payload.size()] ^= static_cast<char>(1 << random() % 8);
      }
      if (round % 4 == 1) payload.resize(random() % payload.size());
    }
    EntryHead head;
    std::string_view checkpoint;
    Record record;
    bool good = decoder.begin(payload, head);
    for (std::uint32_t i = 0; good && i < head.records; ++i) good = decoder.next(record);
    if (!good || !decoder.finish(checkpoint)) ++refused;
  }
  EXPECT_GT(refused, 10'000U);
}

}  // namespace
}  // namespace unity
