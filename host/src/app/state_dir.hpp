// The host's folder on disk, held by one host at a time.
#pragma once

#include <filesystem>
#include <string>

#include "unity/core/base/result.hpp"
#include "worker/base/file_descriptor.hpp"

namespace unity::host {

// Where the CLI finds it too.
inline std::filesystem::path dead_letters_file(const std::filesystem::path& state_dir) {
  return state_dir / "dead-letters.db";
}

class StateDir {
 public:
  // Creates the folder if needed and takes its lock. Errc::refused if another host has it, with
  // that host's process id; Errc::invalid if it cannot be written.
  static Result<StateDir> acquire(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path log() const { return path_ / "unity.log"; }

 private:
  StateDir(std::filesystem::path path, FileDescriptor lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  FileDescriptor lock_;  // the lock lasts as long as the descriptor, also through a crash
};

}  // namespace unity::host
