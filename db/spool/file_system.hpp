// Everything the spool asks of a disk, narrow enough that a test can stand in for it and fail or
// crash at each single call. Errors are Errc::unavailable unless said otherwise.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/result.hpp"

namespace unity::db::spool {

// An open file. Different threads may read at once; closing is silent.
class File {
 public:
  virtual ~File() = default;

  // May write less than all, like the system call; the count is at least 1 for bytes given.
  virtual Result<std::size_t> write_some(std::string_view bytes, std::uint64_t offset) = 0;
  // May read less than asked for; 0 is the end.
  virtual Result<std::size_t> read_some(std::span<char> into, std::uint64_t offset) const = 0;
  virtual Result<std::uint64_t> size() const = 0;
  virtual Result<void> sync() = 0;  // fdatasync
  virtual Result<void> truncate(std::uint64_t size) = 0;
};

enum class OpenMode : std::uint8_t {
  read,
  write,   // reads and writes; created if missing
  create,  // reads and writes; Errc::refused if the name is taken
};

struct FileEntry {
  std::string name;
  std::uint64_t size = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // Errc::not_found if `read` finds nothing. New files are for the owner only (0600).
  virtual Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) = 0;
  virtual Result<void> create_folder(const std::filesystem::path& path) = 0;  // 0700; may exist
  // Regular files only, in no order.
  virtual Result<std::vector<FileEntry>> list(const std::filesystem::path& folder) = 0;
  virtual Result<void> rename(const std::filesystem::path& from,
                              const std::filesystem::path& to) = 0;
  virtual Result<void> unlink(const std::filesystem::path& path) = 0;
  virtual Result<void> sync_folder(const std::filesystem::path& folder) = 0;
  virtual Result<std::uint64_t> free_bytes(const std::filesystem::path& folder) = 0;
  // Exclusive while the result lives. Errc::refused if another owner has it.
  virtual Result<std::unique_ptr<File>> lock(const std::filesystem::path& path) = 0;
};

FileSystem& real_file_system();

// Repeats short writes and reads. write_all leaves an unknown part written after an error.
Result<void> write_all(File& file, std::string_view bytes, std::uint64_t offset);
// Shorter than asked for only at the end of the file.
Result<std::size_t> read_fully(const File& file, std::span<char> into, std::uint64_t offset);

}  // namespace unity::db::spool
