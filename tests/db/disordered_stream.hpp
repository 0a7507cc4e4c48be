// Numbers as they come at worst, for whatever must not depend on how they come.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "db/records.hpp"

namespace unity::test {

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kFirstHour = 1'767'229'200;  // 2026-01-01 01:00 UTC

// Two hours and a bit, of two containers that speak at the same moments, in no order, some of it
// twice, a part of it days late, with a NaN now and then.
inline std::vector<std::vector<Record>> disordered_stream(std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Record> records;
  for (std::int64_t minute = 0; minute < 130; ++minute) {
    for (const auto* name : {"web", "db"}) {
      const auto late = random() % 20 == 0 ? -5 * kDay : 0;
      const auto number = static_cast<double>(random() % 1000) / 7;
      records.push_back(record(
          "cpu", at_second(kFirstHour + minute * 60 + late),
          {field("used", random() % 30 == 0 ? std::numeric_limits<double>::quiet_NaN() : number),
           field("idle", 100 - number)},
          {{"name", name}}));
    }
  }
  std::shuffle(records.begin(), records.end(), random);
  std::vector<std::vector<Record>> batches;
  for (std::size_t at = 0; at < records.size(); at += 20) {
    batches.emplace_back(
        records.begin() + static_cast<std::ptrdiff_t>(at),
        records.begin() + static_cast<std::ptrdiff_t>(std::min(at + 20, records.size())));
    if (random() % 4 == 0) batches.push_back(batches.back());  // redelivered
  }
  return batches;
}

}  // namespace unity::test
