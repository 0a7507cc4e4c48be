// Writes batches of records to an SQLite file, each in one transaction.
#pragma once

#include "frames/merge.hpp"
#include "sqlite/source_cache.hpp"
#include "unity/core/ports/storage.hpp"

namespace unity::db {

class SqliteStorage : public Storage {
 public:
  static Result<SqliteStorage> open(Connection& connection);

  Result<std::vector<Rejection>> write(std::span<const Record> batch) override;

 private:
  struct Statements {
    Statement find, insert, update;
  };

  SqliteStorage(Connection& connection, Statements statements, SourceCache sources)
      : connection_(connection), statements_(std::move(statements)), sources_(std::move(sources)) {}

  Result<std::vector<Rejection>> write_in_transaction(std::span<const Record> batch,
                                                      std::string_view doing);
  Result<void> write_frame(std::span<const Record> batch, const FrameGroup& group,
                           std::vector<Rejection>& rejections);
  // Nothing if there is none.
  Result<std::optional<Frame>> find_frame(const FrameGroup& group);

  Connection& connection_;
  Statements statements_;
  SourceCache sources_;
  FrameMerger merger_;
  std::string vals_;  // buffers, kept for their memory
  std::string doc_;
};

}  // namespace unity::db
