// Writes batches of records to MariaDB, each in one transaction: straight into metric_frames, and
// only if some of the frames exist already after a look at them.
#pragma once

#include "frames/merge_groups.hpp"
#include "mariadb/dataset_writer.hpp"
#include "mariadb/partitions.hpp"
#include "mariadb/session_pool.hpp"
#include "retention/known_floor.hpp"
#include "rollup/dirty_marks.hpp"
#include "sources/known_sources.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::db::mariadb {

class MariadbStorage : public Storage {
 public:
  MariadbStorage(SessionPool& pool, DatasetKeeper& datasets) : pool_(pool), datasets_(datasets) {}

  // Makes the partitions that are needed first.
  Result<void> prepare();
  Result<std::vector<Rejection>> write(std::span<const Record> batch) override;

 private:
  enum class Way { insert, look_first };

  Result<std::vector<Rejection>> write_in_session(Connection& connection,
                                                  std::span<const Record> batch,
                                                  std::string_view doing);
  Result<std::vector<Rejection>> attempt(Connection& connection, std::span<const Record> batch,
                                         Way way, std::string_view doing);
  // What an attempt does inside of its transaction.
  Result<void> store(Connection& connection, std::span<const Record> batch, Way way,
                     std::vector<FrameGroup>& groups, std::vector<Rejection>& rejections,
                     std::string_view doing);
  // Before this, nothing is taken.
  Result<void> read_floor(Connection& connection, std::string_view doing);
  // For whoever computes rollups of the hours that changed.
  Result<void> mark_changed(Connection& connection, const std::vector<FrameGroup>& groups,
                            std::string_view doing);
  // Whether a failure, after so many attempts, is worth another one.
  bool recover(unsigned code, int attempts, Way& way);

  SessionPool& pool_;
  DatasetKeeper& datasets_;
  DatasetWriter dataset_writer_;
  KnownSources sources_;
  Partitions partitions_{"metric_frames"};
  FrameMerger merger_;
  DirtyMarks marks_;
  KnownFloor floor_;
  BulkRows added_;  // buffers, kept for their memory
  BulkRows changed_;
};

}  // namespace unity::db::mariadb
