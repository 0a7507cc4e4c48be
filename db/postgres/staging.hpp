// The way round by a temporary table, for frames that may exist already.
#pragma once

#include <optional>
#include <vector>

#include "frames/merge_groups.hpp"
#include "postgres/connection.hpp"
#include "postgres/copy_data.hpp"

namespace unity::db::postgres {

// A row of metric_frames or of the staging table.
void append_frame(CopyData& rows, const Source& source, Time time, const Frame& frame);

class Staging {
 public:
  // Inside a transaction: finds the frames of `groups` that exist, and keeps others who would
  // replace them waiting until it ends.
  Result<StoredFrames> find(Connection& connection, const std::vector<FrameGroup>& groups,
                            std::string_view doing);
  // Replaces frames that find() has found. `rows` is what append_frame() made.
  Result<void> replace(Connection& connection, CopyData& rows, std::string_view doing);

 private:
  CopyData keys_;
};

}  // namespace unity::db::postgres
