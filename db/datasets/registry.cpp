#include "datasets/registry.hpp"

namespace unity::db {

std::vector<DatasetRetention> retentions_of(const std::vector<RegisteredDataset>& datasets) {
  std::vector<DatasetRetention> retentions;
  for (const auto& one : datasets) {
    if (!one.retention_seconds) continue;
    retentions.push_back(
        {one.layout.table(), one.layout.time, std::chrono::seconds(*one.retention_seconds)});
  }
  return retentions;
}

}  // namespace unity::db
