// The fastest way that each database has for rows of metric_frames, with everything made ready
// before: what the benchmarks compare our writers with.
#pragma once

#include <memory>
#include <vector>

#include "frames/frame.hpp"
#include "unity/core/base/time.hpp"
#include "unity/db/open.hpp"

namespace unity::test {

struct RawFrame {
  std::int64_t source;
  Time time;
  db::Frame frame;
};

class RawWriter {
 public:
  virtual ~RawWriter() = default;
  virtual void add_batch(const std::vector<RawFrame>& frames) = 0;
  // One of the batches that were added, as a transaction. Throws if that fails.
  virtual void write(std::size_t batch) = 0;
};

std::unique_ptr<RawWriter> make_postgres_raw(const db::DatabaseConfig& config);  // COPY binary
std::unique_ptr<RawWriter> make_mariadb_raw(const db::DatabaseConfig& config);   // array binding
std::unique_ptr<RawWriter> make_sqlite_raw(const db::DatabaseConfig& config);    // multi-row insert

}  // namespace unity::test
