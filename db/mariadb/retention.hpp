// Retention in a MariaDB database: whole partitions are dropped when nobody is in the way; of what
// has none, rows go in small numbers.
#pragma once

#include <set>

#include "mariadb/connection.hpp"
#include "retention/key_sweep.hpp"
#include "retention/retention_store.hpp"

namespace unity::db::mariadb {

class MariadbRetention final : public RetentionStore {
 public:
  // In the session of `connection`, which outlives it.
  explicit MariadbRetention(Connection& connection) : connection_(connection) {}

  Result<std::optional<Floor>> floor(std::string_view table) override;
  Result<void> raise(std::string_view table, Time floor, Time now) override;
  Result<void> correct(std::string_view table, Time floor, Time raised_at) override;
  Result<void> begin_drop(std::string_view table) override;
  Result<std::optional<Time>> floor_for_size(const AgingTable& table, std::uint64_t bytes_max,
                                             Time today) override;
  Result<Forgotten> forget(const AgingTable& table, Time floor) override;
  // Partitions are files that go; what rows leave free is used again.
  Result<bool> shrink() override { return false; }

 private:
  // Holds what lies below its end and not below that of the one before.
  struct Partition {
    std::string name;
    Time end{};
    std::int64_t bytes = 0;
  };

  // In order of time; none if the table is not partitioned.
  Result<std::vector<Partition>> partitions(const std::string& table);
  Result<Forgotten> forget_partition(const AgingTable& table, Time floor,
                                     const std::vector<Partition>& all);
  // Whether one of its rows fulfils a condition.
  Result<bool> has_row(const std::string& table, const Partition& partition,
                       std::string_view condition);
  Result<Forgotten> alter(const std::string& table, std::string_view change);
  // Deletes rows of one table, or of a partition: "t PARTITION (p)".
  Result<Forgotten> forget_rows(const AgingTable& table, const std::string& of, Time floor);
  Result<Forgotten> forget_by_key(const AgingTable& table, Time floor);

  // Statements are known by their address.
  const char* keep_text(std::string sql) { return texts_.insert(std::move(sql)).first->c_str(); }

  Connection& connection_;
  std::set<std::string> texts_;
  KeySweep sweep_;  // of a table without partitions
};

}  // namespace unity::db::mariadb
