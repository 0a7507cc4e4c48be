// Which partitions a table has, and which it needs: pure, told what day it is. A partition holds
// what lies below its end and not below that of the one before; the first one all that is older,
// and none what lies beyond the last. So only days to come need new ones, made after the last or
// cut from one that reaches far ahead, as a row of a broken clock has needed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/day.hpp"

namespace unity::db::mariadb {

class PartitionBounds {
 public:
  void clear() { partitions_.clear(); }
  // To be told in order, as the table has them. `rows` is an estimate.
  void add(std::string name, Time end, std::int64_t rows);
  bool holds(Time time) const { return !partitions_.empty() && time < partitions_.back().end; }

  // The statements after which `table` holds `last` and has a partition for each of the days ahead
  // of `today`, which are noted here as done.
  std::vector<std::string> prepare(std::string_view table, Time last, Day today);

 private:
  struct Partition {
    std::string name;
    Time end;
    std::int64_t rows;
  };

  // Cuts a day off the front of a partition that reaches further, unless there is much to copy.
  void cut(std::string_view table, Day day, std::vector<std::string>& statements);

  std::vector<Partition> partitions_;
};

}  // namespace unity::db::mariadb
