// Sources, series and devices in PostgreSQL. Begins the writer's transaction when it is needed.
#pragma once

#include "postgres/copy_data.hpp"
#include "postgres/transaction.hpp"
#include "sources/source_tables.hpp"

namespace unity::db::postgres {

// Inside a transaction of the caller's.
class PostgresDevices : public DeviceTable {
 public:
  explicit PostgresDevices(Connection& connection) : connection_(connection) {}

  Result<void> find_devices(const std::vector<std::string>& hostnames, DeviceIds& ids) override;
  Result<void> add_devices(const std::vector<NewDevice>& devices, Time created_at) override;

 private:
  Connection& connection_;
};

class PostgresSourceTables : public SourceTables {
 public:
  explicit PostgresSourceTables(LazyTransaction& transaction) : transaction_(transaction) {}

  Result<void> find_devices(const std::vector<std::string>& hostnames, DeviceIds& ids) override;
  Result<void> add_devices(const std::vector<NewDevice>& devices, Time created_at) override;
  Result<void> find_sources(const SourceIdentities& wanted,
                            std::vector<std::optional<Source>>& found) override;
  Result<void> add_sources(const SourceIdentities& wanted) override;
  Result<void> add_series(std::span<const NewSeries> added) override;
  Result<bool> change_series(std::int64_t source_id, const Series& series) override;

 private:
  Result<Rows> query(const char* sql, const Parameters& parameters, std::string_view doing);

  LazyTransaction& transaction_;
};

}  // namespace unity::db::postgres
