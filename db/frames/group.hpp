// Sorts a batch into frames: all records of one source and time together.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "frames/source.hpp"
#include "unity/core/base/result.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::db {

// A source that is not at hand, as one of its records shows it.
struct MissingSource {
  const Record* record;
  std::string key;
};

// Where an adapter keeps its sources. Pointers stay valid while a batch is being written.
class SourceTable {
 public:
  virtual ~SourceTable() = default;
  // Null if it is not at hand. `key` is unique to the record's source.
  virtual Source* find(std::string_view key) = 0;
  // Called at most once for each batch, with all that find() did not have, each once: reads or
  // creates them. In their order.
  virtual Result<std::vector<Source*>> load(std::span<const MissingSource> missing) = 0;
};

struct FrameGroup {
  Source* source;
  Time time;
  std::vector<std::size_t> records;  // indexes into the batch, in the order they came
};

// In the order of the key, which is that of the table: writers of the same frames wait for each
// other, not in a ring, and neighbours are written together. Records that no table can hold go to
// `rejections`; those with nothing to store are left out.
Result<std::vector<FrameGroup>> group_by_frame(std::span<const Record> batch, SourceTable& table,
                                               std::vector<Rejection>& rejections);

std::vector<Time> times_of(const std::vector<FrameGroup>& groups);

}  // namespace unity::db
