// The partitions of a table: known, and made before they are needed.
#pragma once

#include <optional>
#include <string>

#include "mariadb/connection.hpp"
#include "mariadb/partition_bounds.hpp"

namespace unity::db::mariadb {

class Partitions {
 public:
  explicit Partitions(std::string table);

  // Makes what is missing for a row as late as `last` and for the days ahead of `now`. Costs
  // nothing if all are known. To be called outside of a transaction, which it would commit. Days
  // ahead that cannot be made are no failure yet: they are tried again every minute.
  Result<void> ensure(Connection& connection, Time last, Time now);
  // Somebody else may have removed some.
  void forget();

 private:
  Result<void> make(Connection& connection, Time last, Day today);
  // Under the lock that hosts which share a database take turns by.
  Result<void> alter(Connection& connection, Time last, Day today);
  Result<void> read(Connection& connection);

  std::string table_;
  std::string doing_;
  PartitionBounds known_;
  std::optional<Day> prepared_for_;  // the days ahead of that one are there
  Time ahead_again_at_ = Time::min();
};

}  // namespace unity::db::mariadb
