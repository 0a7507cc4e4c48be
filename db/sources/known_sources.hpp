// The sources and devices of a server's database that were met lately, so that a commit costs no
// lookups. Loads and creates them inside the writer's transaction.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "frames/group.hpp"
#include "sources/devices.hpp"
#include "sources/source_tables.hpp"

namespace unity::db {

class KnownSources : public SourceTable {
 public:
  // To be called first for each batch: makes room, and works with `tables` from now on.
  void begin(SourceTables& tables);
  // Forgets everything: after a rollback, because what was created in it does not exist, and when
  // another writer may have changed what we know.
  void clear();
  // The same, but only if anything was learned or changed since begin().
  void roll_back();
  // Writes the new and changed series of `sources`. The server's error if another writer was
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

  SourceTables* tables_ = nullptr;
  std::size_t series_ = 0;  // cached in all
  bool learned_ = false;    // since begin()
  Devices devices_;
  std::unordered_map<std::string, Source, Hash, std::equal_to<>> sources_;
};

}  // namespace unity::db
