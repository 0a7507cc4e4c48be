// The host's registry, in memory.
#pragma once

#include <map>
#include <string>

#include "unity/core/ports/storage.hpp"

namespace unity::db {

class MemoryCatalog : public Catalog {
 public:
  Result<void> register_plugins(std::span<const PluginInfo> plugins) override;
  Result<void> update_status(std::span<const PluginStatus> status) override;
  Result<std::vector<DatasetState>> declare_datasets(
      std::span<const DatasetSpec> datasets) override;

 private:
  std::map<std::string, PluginInfo> plugins_;
  std::map<std::string, PluginStatus> status_;
};

}  // namespace unity::db
