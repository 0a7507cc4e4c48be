// The place of an export until it is finished: a folder "<path>.partial-1a2b3c4d" beside where it
// will be. Each export makes one of its own, and removes no other.
#pragma once

#include <filesystem>

#include "unity/core/base/result.hpp"

namespace unity::db::transfer {

// Removes itself, with all that is in it, unless it was published. What a process that was killed
// has left stays there: nobody else can know that it is not somebody's.
class Draft {
 public:
  // Makes the folder. Errc::refused if `path` is there already.
  static Result<Draft> begin(const std::filesystem::path& path);

  Draft(Draft&& other) noexcept;
  ~Draft();

  const std::filesystem::path& path() const { return draft_; }
  // All that is in it is on disk already.
  Result<void> publish();
  // The same for one file of the folder; the others go.
  Result<void> publish_file(const std::filesystem::path& name);

 private:
  explicit Draft(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
  std::filesystem::path draft_;  // empty until it is made, once it is published, or moved from
};

}  // namespace unity::db::transfer
