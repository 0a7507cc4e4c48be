// Lets one process at a time do something with an SQLite file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "unity/core/base/result.hpp"

namespace unity::db {

// A file beside the database, which stays there: a lock file that is deleted is a lock that two can
// hold.
class FileLock {
 public:
  // "unity.db" + `suffix`
  static Result<FileLock> open(const std::filesystem::path& database, std::string_view suffix);

  FileLock(FileLock&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}
  ~FileLock();

  Result<bool> try_lock();  // false: another process has it
  void unlock();

 private:
  FileLock(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  int fd_;
  std::string path_;
};

}  // namespace unity::db
