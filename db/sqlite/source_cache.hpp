// The sources and devices of an SQLite file that were met lately, so that a commit costs no
// lookups. Loads and creates them inside the writer's transaction.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "frames/group.hpp"
#include "sqlite/connection.hpp"

namespace unity::db {

class SourceCache : public SourceTable {
 public:
  static Result<SourceCache> open(Connection& connection);

  // To be called first in each transaction: makes room, and forgets what another process may have
  // changed since the last one.
  Result<void> begin();
  // After a rollback: what was created in it does not exist.
  void roll_back();
  // Writes the new and changed series of `source`.
  Result<void> store_changes(Source& source);

  // Of a machine that is added if it is not there.
  Result<std::int64_t> device_id(const std::string& hostname);

  Source* find(std::string_view key) override;
  Result<std::vector<Source*>> load(std::span<const MissingSource> missing) override;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  template <class Value>
  using Map = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;

  struct Statements {
    Statement data_version, find_device, add_device, find_source, add_source, newest_frame,
        find_series, add_series, change_series;
  };

  SourceCache(Connection& connection, Statements statements)
      : connection_(connection), statements_(std::move(statements)) {}

  void clear();
  Result<Source*> load_one(const Record& record, std::string_view key);
  Result<std::int64_t> source_id(const Record& record, std::int64_t device);

  Connection& connection_;
  Statements statements_;
  std::int64_t data_version_ = 0;
  std::size_t series_ = 0;  // cached in all
  bool learned_ = false;    // something in this transaction
  Map<std::int64_t> devices_;
  Map<Source> sources_;
};

}  // namespace unity::db
