// The partitions of a table: known, and made before they are needed.
#pragma once

#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/day_ranges.hpp"

namespace unity::db::postgres {

class Partitions {
 public:
  explicit Partitions(std::string table);

  // Makes what is missing for `days` and for the days ahead of `now`. Costs nothing if all are
  // known. To be called outside of a transaction: it has its own. Days ahead that cannot be made
  // are no failure yet: they are tried again every minute.
  Result<void> ensure(Connection& connection, const std::vector<Day>& days, Time now);
  // Somebody else may have removed some.
  void forget() { known_.clear(); }

 private:
  Result<void> make(Connection& connection, const std::vector<Day>& wanted, Day today);
  Result<void> read(Connection& connection);
  Result<void> create(Connection& connection, const DayRange& range);

  std::string table_;
  std::string doing_;
  DayRanges known_;
  Time ahead_again_at_ = Time::min();
};

}  // namespace unity::db::postgres
