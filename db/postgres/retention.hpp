// Retention in a PostgreSQL database: whole partitions are detached beside whoever reads and
// writes, then dropped; of what has none, rows go in small numbers.
#pragma once

#include <set>

#include "postgres/connection.hpp"
#include "retention/key_sweep.hpp"
#include "retention/retention_store.hpp"

namespace unity::db::postgres {

// Where old rows go in another way, as chunks of an extension, forget() is what differs.
class PostgresRetention : public RetentionStore {
 public:
  // In the session of `connection`, which outlives it.
  explicit PostgresRetention(Connection& connection) : connection_(connection) {}

  Result<std::optional<Floor>> floor(std::string_view table) override;
  Result<void> raise(std::string_view table, Time floor, Time now) override;
  Result<void> correct(std::string_view table, Time floor, Time raised_at) override;
  Result<void> begin_drop(std::string_view table) override;
  Result<std::optional<Time>> floor_for_size(const AgingTable& table, std::uint64_t bytes_max,
                                             Time today) override;
  Result<Forgotten> forget(const AgingTable& table, Time floor) override;
  // The server does so by itself.
  Result<bool> shrink() override { return false; }

 protected:
  // Has statements give up soon that wait for somebody.
  Result<Forgotten> hastily(const std::vector<std::string>& statements);
  // Statements are known by their address.
  const char* keep_text(std::string sql) { return texts_.insert(std::move(sql)).first->c_str(); }
  Connection& connection() { return connection_; }

 private:
  struct Partition {
    std::string name;
    Time first{};
    Time end{};
    bool pending = false;  // detaching it was begun
    std::int64_t bytes = 0;
  };

  Result<bool> is_partitioned(const std::string& table);
  // In order of time. Those that others made differently are left alone.
  Result<std::vector<Partition>> partitions(const std::string& table);
  Result<Forgotten> forget_partition(const AgingTable& table, Time floor);
  Result<Forgotten> drop(const std::string& table, const Partition& partition);
  Result<Forgotten> finish_drop(const std::string& table);
  // Deletes rows of one table or partition.
  Result<Forgotten> forget_rows(const AgingTable& table, const std::string& of, Time floor);
  Result<Forgotten> forget_by_key(const AgingTable& table, Time floor);

  Connection& connection_;
  std::set<std::string> texts_;
  KeySweep sweep_;  // of a table without partitions
  std::optional<int> version_;
};

}  // namespace unity::db::postgres
