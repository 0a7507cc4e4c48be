// The host's registry in PostgreSQL.
#pragma once

#include "datasets/keeper.hpp"
#include "postgres/session_pool.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::db::postgres {

class PostgresCatalog : public Catalog {
 public:
  PostgresCatalog(SessionPool& pool, DatasetKeeper& datasets) : pool_(pool), datasets_(datasets) {}

  Result<void> register_plugins(std::span<const PluginInfo> plugins) override;
  Result<void> update_status(std::span<const PluginStatus> status) override;
  Result<std::vector<DatasetState>> declare_datasets(
      std::span<const DatasetSpec> datasets) override {
    return datasets_.declare(datasets);
  }

 private:
  SessionPool& pool_;
  DatasetKeeper& datasets_;
};

}  // namespace unity::db::postgres
