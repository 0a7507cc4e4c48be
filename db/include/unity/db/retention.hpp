// What grows old in a database, and how long it stays.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "unity/core/base/time.hpp"

namespace unity::db {

// Whichever is reached first. Nothing: no bound.
struct Keep {
  std::optional<Duration> time;
  std::optional<std::uint64_t> bytes;  // of each table, with its indexes

  friend bool operator==(const Keep&, const Keep&) = default;
};

// The documents' values are the defaults, where they have one.
struct RetentionConfig {
  Keep raw_metrics{std::chrono::days(30), {}};
  Keep hourly_aggregates{std::chrono::days(365), {}};
  Keep daily_aggregates{std::chrono::days(5 * 365), {}};
  Keep window_aggregates{std::chrono::days(90), {}};
  Keep alert_history{std::chrono::days(90), {}};
  Keep audit{std::chrono::days(90), {}};
  Keep events{std::chrono::days(14), {}};
  Keep configuration{std::chrono::days(365), {}};

  friend bool operator==(const RetentionConfig&, const RetentionConfig&) = default;
};

// A table whose rows go, the oldest first, in whole days of UTC: a row stays for at least as long
// as it should, and at most a day longer. Today's rows never go.
struct AgingTable {
  std::string table;
  std::string time_column;
  // The columns that come before the time in an index or the primary key, "a, b"; empty if the time
  // comes first. Without partitions, rows are found by them; on servers it is then at most one, a
  // whole number.
  std::string key;
  Keep keep;
  // SQL that is true for rows that stay however old they are, in terms of the table's name. Empty:
  // none.
  std::string stays = {};
};

// Everything of ours that grows old.
std::vector<AgingTable> aging_tables(const RetentionConfig& config);

// A host's databases keep this in mind: what is written before a floor is refused as `too_late`.
// Writers know of a floor within this time after it was raised; only then its rows go.
inline constexpr std::chrono::minutes kFloorIsKnownAfter{2};

}  // namespace unity::db
