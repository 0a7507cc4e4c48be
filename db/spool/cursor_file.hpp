// Where a consumer stands, in two files: one is written, while the other one is whole on disk, so
// that a power cut cannot take both. They change places when the first is synced.
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
struct LoadedCursor : Cursor {
  std::size_t file = 0;  // which of the two holds it
};
std::optional<LoadedCursor> load_cursor(FileSystem& fs, const std::filesystem::path& folder,
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
  // Under the lock.
  Result<void> open_file(std::size_t which);
  Result<void> write();

  FileSystem& fs_;
  const std::filesystem::path folder_;
  const std::string id_;
  std::optional<SpoolPosition> loaded_;
  std::mutex mutex_;
  Cursor cursor_;
  std::size_t written_to_ = 0;  // the file that is written
  bool other_whole_ = true;     // the other one is whole on disk, or there is none yet
  bool written_ = false;        // cursor_ is in a file
  std::uint64_t durable_ = 0;   // records
  bool names_durable_ = false;  // the folder was synced since a file was created
  std::array<std::unique_ptr<File>, 2> files_;
};

}  // namespace unity::db::spool
