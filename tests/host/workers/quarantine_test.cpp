#include "workers/quarantine.hpp"

#include <gtest/gtest.h>

namespace unity::host {
namespace {

using namespace std::chrono_literals;

TEST(Quarantine, CountsTheOffencesOfTheLastTenMinutes) {
  const Time now{24h};
  OffenderRecord record;
  for (const auto age : {11min, 10min, 9min, 0min}) {
    record.offences.emplace_back().at = now - age;
  }

  EXPECT_EQ(recent_offences(record, now), 2U);
}

TEST(Quarantine, ForgivesWhatCameBeforeARelease) {
  const Time now{24h};
  OffenderRecord record;
  record.since = now - 5min;
  for (const auto age : {6min, 5min, 4min}) record.offences.emplace_back().at = now - age;

  EXPECT_EQ(recent_offences(record, now), 1U);
}

}  // namespace
}  // namespace unity::host
