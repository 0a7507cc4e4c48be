// Writes batches of records to PostgreSQL, each in one transaction: straight into metric_frames by
// COPY, and only if some of the frames exist already by way of a staging table.
#pragma once

#include "frames/merge.hpp"
#include "postgres/partitions.hpp"
#include "postgres/session_pool.hpp"
#include "postgres/source_cache.hpp"
#include "postgres/staging.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::db::postgres {

class PostgresStorage : public Storage {
 public:
  explicit PostgresStorage(SessionPool& pool) : pool_(pool) {}

  // Makes the partitions that are needed first.
  Result<void> prepare();
  Result<std::vector<Rejection>> write(std::span<const Record> batch) override;

 private:
  enum class Way { copy, stage };

  // `lost`: the session has ended, and another one may do better.
  Result<std::vector<Rejection>> write_in_session(std::span<const Record> batch,
                                                  std::string_view doing, bool& lost);
  // One transaction.
  Result<std::vector<Rejection>> attempt(Connection& connection, std::span<const Record> batch,
                                         Way way, std::string_view doing);
  // Merges the records of each group into the frame that exists, or into an empty one.
  void merge(std::span<const Record> batch, const std::vector<FrameGroup>& groups,
             const StoredFrames& stored, std::vector<Rejection>& rejections);
  // Whether a failure with this code, after so many attempts, is worth another one.
  bool recover(std::string_view state, int attempts, Way& way);

  SessionPool& pool_;
  SourceCache sources_;
  Partitions partitions_{"metric_frames"};
  FrameMerger merger_;
  Staging staging_;
  CopyData added_;  // buffers, kept for their memory
  CopyData changed_;
  std::vector<Source*> touched_;
};

}  // namespace unity::db::postgres
