// What KnownSources asks of a server: the tables devices, metric_sources and metric_series, inside
// the writer's transaction. One round trip each, whatever the number of rows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "frames/source.hpp"
#include "sources/devices.hpp"

namespace unity::db {

// What identifies sources, as columns.
struct SourceIdentities {
  std::vector<std::int64_t> devices;
  std::vector<std::string> plugins, instances, hashes, tags;

  std::size_t size() const { return devices.size(); }
};

// A series that the database does not have.
struct NewSeries {
  std::int64_t source_id;
  const Series* series;
};

class SourceTables : public DeviceTable {
 public:
  // Reads those sources of `wanted` that exist into `found`, at their places, which are empty.
  virtual Result<void> find_sources(const SourceIdentities& wanted,
                                    std::vector<std::optional<Source>>& found) = 0;
  // Those that exist stay as they are.
  virtual Result<void> add_sources(const SourceIdentities& wanted) = 0;
  // An error of the server's if one of them exists: another writer was faster.
  virtual Result<void> add_series(std::span<const NewSeries> added) = 0;
  // False if there is no such series, or if another writer has given it another position: that one
  // stays, and ours is found to be wrong.
  virtual Result<bool> change_series(std::int64_t source_id, const Series& series) = 0;
};

}  // namespace unity::db
