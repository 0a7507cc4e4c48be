// Sources, series and devices in MariaDB, inside a transaction of the caller's.
#pragma once

#include "mariadb/connection.hpp"
#include "sources/source_tables.hpp"

namespace unity::db::mariadb {

class MariadbSourceTables : public SourceTables {
 public:
  explicit MariadbSourceTables(Connection& connection) : connection_(connection) {}

  Result<void> find_devices(const std::vector<std::string>& hostnames, DeviceIds& ids) override;
  Result<void> add_devices(const std::vector<NewDevice>& devices, Time created_at) override;
  Result<void> find_sources(const SourceIdentities& wanted,
                            std::vector<std::optional<Source>>& found) override;
  Result<void> add_sources(const SourceIdentities& wanted) override;
  Result<void> add_series(std::span<const NewSeries> added) override;
  Result<bool> change_series(std::int64_t source_id, const Series& series) override;

 private:
  Connection& connection_;
};

}  // namespace unity::db::mariadb
