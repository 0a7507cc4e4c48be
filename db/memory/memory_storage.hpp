// Frames in memory, with the semantics of the real databases: for tests and demos, and the shortest
// example of an adapter.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "frames/group.hpp"
#include "frames/merge.hpp"
#include "query/query_reader.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::db {

class MemoryStorage : public Storage, public QueryReader, private SourceTable {
 public:
  Result<std::vector<Rejection>> write(std::span<const Record> batch) override;
  Result<void> in_view(const Read& read) override;

 private:
  struct StoredSource {
    NamedSource named;
    std::map<Time, Frame> frames;
  };

  Source* find(std::string_view key) override;
  Result<std::vector<Source*>> load(std::span<const MissingSource> missing) override;

  class Tables;

  std::vector<std::unique_ptr<StoredSource>> sources_;  // a source's id is its index
  std::map<std::string, StoredSource*, std::less<>> by_key_;
  FrameMerger merger_;
};

}  // namespace unity::db
