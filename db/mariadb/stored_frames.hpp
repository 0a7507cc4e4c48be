// The table metric_frames, inside a transaction of the caller's.
#pragma once

#include "frames/merge_groups.hpp"
#include "mariadb/connection.hpp"

namespace unity::db::mariadb {

// A row for the functions below.
void append_frame(BulkRows& rows, const Source& source, Time time, const Frame& frame);

// Finds and locks those frames of `groups` that exist.
Result<StoredFrames> find_frames(Connection& connection, const std::vector<FrameGroup>& groups,
                                 std::string_view doing);
// code::kDuplicateEntry if one of them exists.
Result<void> insert_frames(Connection& connection, BulkRows& rows, std::string_view doing);
// Of frames that find_frames() has found.
Result<void> replace_frames(Connection& connection, BulkRows& rows, std::string_view doing);

}  // namespace unity::db::mariadb
