// The host's registry in an SQLite file.
#pragma once

#include "datasets/keeper.hpp"
#include "sqlite/connection.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::db {

class SqliteCatalog : public Catalog {
 public:
  static Result<SqliteCatalog> open(Connection& connection, DatasetKeeper& datasets);

  Result<void> register_plugins(std::span<const PluginInfo> plugins) override;
  Result<void> update_status(std::span<const PluginStatus> status) override;
  Result<std::vector<DatasetState>> declare_datasets(
      std::span<const DatasetSpec> datasets) override {
    return datasets_.declare(datasets);
  }

 private:
  SqliteCatalog(Connection& connection, DatasetKeeper& datasets, Statement put_plugin,
                Statement put_status)
      : connection_(connection),
        datasets_(datasets),
        put_plugin_(std::move(put_plugin)),
        put_status_(std::move(put_status)) {}

  Connection& connection_;
  DatasetKeeper& datasets_;
  Statement put_plugin_;
  Statement put_status_;
};

}  // namespace unity::db
