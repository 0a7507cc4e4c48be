// Sorts a batch into frames: all records of one source and time together, in the order they came.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "frames/source.hpp"
#include "unity/core/base/result.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::db {

// Where an adapter keeps its sources. Pointers stay valid while a batch is being written.
class SourceTable {
 public:
  virtual ~SourceTable() = default;
  // Null if it is not at hand. `key` is unique to the record's source.
  virtual Source* find(std::string_view key) = 0;
  // Called after find() had none: reads or creates it.
  virtual Result<Source*> load(const Record& record, std::string_view key) = 0;
};

struct FrameGroup {
  Source* source;
  Time time;
  std::vector<std::size_t> records;  // indexes into the batch
};

// Records that no table can hold go to `rejections`; those with nothing to store are left out.
Result<std::vector<FrameGroup>> group_by_frame(std::span<const Record> batch, SourceTable& sources,
                                               std::vector<Rejection>& rejections);

}  // namespace unity::db
