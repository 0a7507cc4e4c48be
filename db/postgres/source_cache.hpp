// The sources and devices of a database that were met lately, so that a commit costs no lookups.
// Loads and creates them inside the writer's transaction.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "frames/group.hpp"
#include "postgres/connection.hpp"
#include "postgres/copy_data.hpp"
#include "postgres/devices.hpp"
#include "postgres/transaction.hpp"

namespace unity::db::postgres {

class SourceCache : public SourceTable {
 public:
  // To be called first for each batch: makes room, and works inside `transaction` from now on.
  void begin(LazyTransaction& transaction);
  // Forgets everything: after a rollback, because what was created in it does not exist, and when
  // another writer may have changed what we know.
  void clear();
  // Writes the new and changed series of `sources`. A unique violation if another writer was
  // faster.
  Result<void> store_changes(const std::vector<Source*>& sources);

  Source* find(std::string_view key) override;
  // A handful of round trips, whatever their number.
  Result<std::vector<Source*>> load(std::span<const MissingSource> missing) override;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  // What identifies sources, as columns.
  struct Identities {
    std::vector<std::int64_t> devices;
    std::vector<std::string> plugins, instances, hashes, tags;
  };

  // Reads those sources of `wanted` that exist into `found`, at their places.
  Result<void> read(const Identities& wanted, std::vector<std::optional<Source>>& found);
  Result<void> add(const Identities& wanted);
  Result<void> change_series(const Source& source, const Series& series);

  LazyTransaction* transaction_ = nullptr;
  std::size_t series_ = 0;  // cached in all
  Devices devices_;
  std::unordered_map<std::string, Source, Hash, std::equal_to<>> sources_;
  CopyData added_;  // a buffer
};

}  // namespace unity::db::postgres
