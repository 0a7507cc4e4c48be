// Retention in an SQLite file: rows go in short transactions, and the file shrinks in small steps.
// Never VACUUM, which would lock everybody out for as long as it takes to write the file anew.
#pragma once

#include "retention/retention_store.hpp"
#include "sqlite/connection.hpp"

namespace unity::db {

class SqliteRetention final : public RetentionStore {
 public:
  explicit SqliteRetention(Connection& connection) : connection_(connection) {}

  Result<std::optional<Floor>> floor(std::string_view table) override;
  Result<void> raise(std::string_view table, Time floor, Time now) override;
  Result<void> correct(std::string_view table, Time floor, Time raised_at) override;
  Result<void> begin_drop(std::string_view table) override;
  Result<std::optional<Time>> floor_for_size(const AgingTable& table, std::uint64_t bytes_max,
                                             Time today) override;
  Result<Forgotten> forget(const AgingTable& table, Time floor) override;
  Result<bool> shrink() override;

 private:
  // Where forgetting has got to: rows with the same key are neighbours, and go in order of time.
  struct Sweep {
    std::string table;
    Time floor{};
    std::string key;  // as SQL constants; empty: at the beginning
    bool has_key = false;
  };

  Result<std::int64_t> number(std::string_view sql, std::string_view doing);
  // To the next key; false if there is none.
  Result<bool> next_key(const AgingTable& table);
  // True if rows of this key are left.
  Result<bool> forget_some(const AgingTable& table, std::uint64_t& rows);

  Connection& connection_;
  Sweep sweep_;
};

}  // namespace unity::db
