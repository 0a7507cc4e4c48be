// Numbered records for the spool's tests, and short ways to put them in and get them out.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "db/records.hpp"
#include "spool/spool.hpp"
#include "unity/db/spool.hpp"

namespace unity::test {

inline constexpr const char* kFolder = "/spool";

inline db::SpoolConfig spool_config(std::vector<db::SpoolConfig::Consumer> consumers = {
                                        {"main", true}}) {
  db::SpoolConfig config;
  config.folder = kFolder;
  config.max_bytes = std::uint64_t{1} << 20;
  config.segment_bytes = 1024;
  config.min_free_bytes = 0;
  config.when_full = db::FullPolicy::block;
  config.consumers = std::move(consumers);
  return config;
}

inline Record numbered(std::uint64_t number) {
  auto made =
      record("numbered", at(static_cast<std::int64_t>(1'000'000 + number)),
             {field("number", number, Kind::gauge, "1")}, {{"odd", number % 2 ? "y" : "n"}});
  made.host_made = number % 5 == 0;
  return made;
}

inline std::uint64_t number_of(const Record& record) {
  if (record.metric != "numbered" || record.fields.size() != 1) return ~std::uint64_t{0};
  const auto* number = std::get_if<std::uint64_t>(&record.fields[0].value);
  const auto same = number != nullptr && record.time == numbered(*number).time &&
                    record.tags == numbered(*number).tags &&
                    record.host_made == numbered(*number).host_made && record.origin &&
                    *record.origin == *origin();
  return same ? *number : ~std::uint64_t{0};
}

// What a run led to that emitted `count` records from `first` on. The run has the first's number.
inline db::EncodedEntry entry_of(std::uint64_t first, std::uint64_t count) {
  db::SpoolEntry entry;
  entry.run = first;
  entry.instance = "disk";
  for (auto n = first; n < first + count; ++n) entry.records.push_back(numbered(n));
  auto encoded = db::encode_entry(entry);
  EXPECT_TRUE(encoded);
  EXPECT_EQ(encoded->size(), 1U);
  return std::move(encoded->front());
}

// What a consumer has lost since the spool was opened.
inline db::SpoolPosition lost_by(const db::Spool& spool, std::string_view id) {
  db::SpoolPosition sum;
  for (const auto& consumer : spool.state().consumers) {
    if (consumer.id != id) continue;
    for (const auto& loss : consumer.losses) {
      sum.records += loss.records;
      sum.emitted += loss.emitted;
    }
  }
  return sum;
}

// Everything there is to read, acknowledged or not.
inline std::vector<std::uint64_t> read_all(db::SpoolConsumer& consumer, bool ack = false,
                                           std::size_t at_once = 7) {
  std::vector<std::uint64_t> numbers;
  db::SpoolBatch batch;
  int errors = 0;
  while (errors < 20) {
    const auto more = consumer.read(at_once, batch);
    if (!more) {
      ++errors;
      continue;
    }
    for (const auto& one : batch.records) numbers.push_back(number_of(one));
    if (ack) {
      EXPECT_TRUE(consumer.ack(batch.end));
    }
    if (!*more) break;
  }
  return numbers;
}

}  // namespace unity::test
