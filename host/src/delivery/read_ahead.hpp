// Reads the next batch of the spool while the one before it is written: decoding takes a good part
// of the time that a server needs to write.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <thread>

#include "unity/db/spool.hpp"

namespace unity::host {

class ReadAhead {
 public:
  // Nobody else reads from `consumer`, which outlives this.
  ReadAhead(db::SpoolConsumer& consumer, std::size_t records_max);
  ~ReadAhead();

  // The other calls are made by one thread.

  // Begins with the batch that follows, unless that has begun, and returns.
  void begin();
  // The batch that follows, as SpoolConsumer::read() gives it: the one that was begun, if there is
  // one, else read now.
  Result<bool> next(db::SpoolBatch& batch);
  // Waits for what was begun. What was read and not taken is read again by the next process.
  void stop();

 private:
  void serve();

  db::SpoolConsumer& consumer_;
  const std::size_t records_max_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool begun_ = false;
  bool stopping_ = false;
  std::optional<Result<bool>> read_;  // what came of it; then batch_ belongs to the caller's thread
  db::SpoolBatch batch_;

  std::thread thread_;
};

}  // namespace unity::host
