// Writes batches of records to PostgreSQL, each in one transaction: straight into metric_frames by
// COPY, and only if some of the frames exist already by way of a staging table.
#pragma once

#include "frames/merge_groups.hpp"
#include "postgres/dataset_writer.hpp"
#include "postgres/partitions.hpp"
#include "postgres/session_pool.hpp"
#include "postgres/staging.hpp"
#include "postgres/transaction.hpp"
#include "retention/known_floor.hpp"
#include "rollup/dirty_marks.hpp"
#include "sources/known_sources.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::db::postgres {

class PostgresStorage : public Storage {
 public:
  PostgresStorage(SessionPool& pool, DatasetKeeper& datasets) : pool_(pool), datasets_(datasets) {}

  // Makes the partitions that are needed first.
  Result<void> prepare();
  Result<std::vector<Rejection>> write(std::span<const Record> batch) override;

 private:
  enum class Way { copy, stage };

  Result<std::vector<Rejection>> write_in_session(Connection& connection,
                                                  std::span<const Record> batch,
                                                  std::string_view doing);
  // One transaction.
  Result<std::vector<Rejection>> attempt(Connection& connection, std::span<const Record> batch,
                                         Way way, std::string_view doing);
  // Into added_ and changed_; returns the sources that changed.
  std::vector<Source*> merge(std::span<const Record> batch, const std::vector<FrameGroup>& groups,
                             const StoredFrames& stored, std::vector<Rejection>& rejections);
  // Before this, nothing is taken.
  Result<void> read_floor(Connection& connection, std::string_view doing);
  // For whoever computes rollups of the hours that changed.
  Result<void> mark_changed(LazyTransaction& transaction, const std::vector<FrameGroup>& groups,
                            std::string_view doing);
  // Whether a failure with this code, after so many attempts, is worth another one.
  bool recover(std::string_view state, int attempts, Way& way);

  SessionPool& pool_;
  DatasetKeeper& datasets_;
  DatasetWriter dataset_writer_;
  KnownSources sources_;
  Partitions partitions_{"metric_frames"};
  FrameMerger merger_;
  DirtyMarks marks_;
  KnownFloor floor_;
  Staging staging_;
  CopyData added_;  // buffers, kept for their memory
  CopyData changed_;
};

}  // namespace unity::db::postgres
