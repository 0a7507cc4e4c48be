// Where a consumer stands, in two files that are written in turn: one of them is always whole.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "spool/file_system.hpp"
#include "spool/format.hpp"

namespace unity::db::spool {

// The newest position in the two files, if either holds one.
std::optional<Cursor> load_cursor(FileSystem& fs, const std::filesystem::path& folder,
                                  const std::string& id);

// Any thread.
class CursorFile {
 public:
  CursorFile(FileSystem& fs, std::filesystem::path folder, std::string id);

  std::optional<SpoolPosition> loaded() const { return loaded_; }

  // Not synced: kill -9 does not take it back.
  Result<void> store(const SpoolPosition& position);
  // Makes sure that a power cut leaves at least `position`, which was stored before.
  Result<void> ensure_durable(const SpoolPosition& position);

 private:
  Result<void> write();  // under the lock

  FileSystem& fs_;
  const std::filesystem::path folder_;
  const std::string id_;
  std::optional<SpoolPosition> loaded_;
  std::mutex mutex_;
  Cursor cursor_;
  bool written_ = false;        // cursor_ is in a file
  std::uint64_t durable_ = 0;   // records
  bool names_durable_ = false;  // the folder was synced since a file was created
  std::array<std::unique_ptr<File>, 2> files_;
};

}  // namespace unity::db::spool
