// Keeps rejected records on disk with the reason, so that a bad one is neither lost nor in the way.
#pragma once

#include <filesystem>
#include <mutex>
#include <span>

#include "unity/core/base/result.hpp"
#include "unity/core/engine/pipeline.hpp"

namespace unity::db {

// One JSON object a line: {"time", "reason", "detail", "record"}, the record as text. When the
// file has reached its bound it is renamed to *.1, replacing the one before. Any thread.
class DeadLetters {
 public:
  explicit DeadLetters(std::filesystem::path file, std::uintmax_t size_max = 16 << 20)
      : file_(std::move(file)), size_max_(size_max) {}

  DeadLetters(DeadLetters&& other) noexcept
      : file_(std::move(other.file_)), size_max_(other.size_max_) {}

  // Not synced: a lost dead letter is a lesser evil than an fsync for each. A long record is cut,
  // and of a flood only the first few megabytes are kept, which is an error.
  Result<void> append(std::span<const RejectedRecord> rejected);

 private:
  std::mutex mutex_;
  std::filesystem::path file_;
  std::uintmax_t size_max_;
};

}  // namespace unity::db
