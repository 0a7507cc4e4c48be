// Writes batches of records to an SQLite file, each in one transaction.
#pragma once

#include "frames/merge.hpp"
#include "retention/known_floor.hpp"
#include "rollup/dirty_marks.hpp"
#include "sqlite/dataset_writer.hpp"
#include "sqlite/source_cache.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::db {

class SqliteStorage : public Storage {
 public:
  static Result<SqliteStorage> open(Connection& connection, DatasetKeeper& datasets);

  Result<std::vector<Rejection>> write(std::span<const Record> batch) override;

 private:
  struct Statements {
    Statement find, insert, update, mark;
  };

  SqliteStorage(Connection& connection, DatasetKeeper& datasets, Statements statements,
                SourceCache sources)
      : connection_(connection),
        datasets_(datasets),
        dataset_writer_(connection, datasets),
        statements_(std::move(statements)),
        sources_(std::move(sources)) {}

  // With the tables of datasets as they are known.
  Result<std::vector<Rejection>> attempt(std::span<const Record> batch, std::string_view doing);

  Result<std::vector<Rejection>> write_in_transaction(std::span<const Record> batch,
                                                      std::string_view doing);
  Result<void> write_frame(std::span<const Record> batch, const FrameGroup& group,
                           std::vector<Rejection>& rejections);
  // Nothing if there is none.
  Result<std::optional<Frame>> find_frame(const FrameGroup& group);

  Connection& connection_;
  DatasetKeeper& datasets_;
  SqliteDatasetWriter dataset_writer_;
  Statements statements_;
  SourceCache sources_;
  Result<void> mark_changed(const std::vector<FrameGroup>& groups);
  Result<void> read_floor();

  FrameMerger merger_;
  DirtyMarks marks_;
  KnownFloor floor_;
  std::string vals_;  // buffers, kept for their memory
  std::string doc_;
};

}  // namespace unity::db
