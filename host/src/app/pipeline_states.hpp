// What the pipelines remember from run to run (the last value of each counter, the last of each
// duplicate), kept in a file so that a restart, even by kill -9, does not begin them anew.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "unity/core/base/result.hpp"

namespace unity::host {

// Any thread.
class PipelineStates {
 public:
  // A file that is missing, damaged or of another version is as good as empty; `warning` says why.
  explicit PipelineStates(std::filesystem::path file);

  const std::string& warning() const { return warning_; }
  // What was put last for this instance, in this life of the host or the one before; or empty.
  std::string get(const std::string& instance) const;
  void put(const std::string& instance, std::string state);
  // Writes the file if anything has changed since it was written.
  Result<void> save();

 private:
  std::filesystem::path file_;
  std::string warning_;
  std::mutex saving_;  // held for the whole of save(): one writes the file at a time
  mutable std::mutex mutex_;
  std::map<std::string, std::string> states_;
  bool changed_ = false;
};

}  // namespace unity::host
