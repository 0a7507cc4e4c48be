#include "spool/cursor_file.hpp"

namespace unity::db::spool {
namespace {

std::filesystem::path file_name(const std::string& id, std::size_t which) {
  return "cursor." + id + (which == 0 ? ".a" : ".b");
}

}  // namespace

std::optional<LoadedCursor> load_cursor(FileSystem& fs, const std::filesystem::path& folder,
                                        const std::string& id) {
  std::optional<LoadedCursor> newest;
  for (std::size_t which = 0; which < 2; ++which) {
    const auto file = fs.open(folder / file_name(id, which), OpenMode::read);
    if (!file) continue;
    std::array<char, kCursorSize> bytes{};
    const auto got = read_fully(**file, bytes, 0);
    if (!got) continue;
    const auto cursor = read_cursor({bytes.data(), *got});
    if (cursor && (!newest || cursor->generation > newest->generation)) {
      newest = LoadedCursor{*cursor, which};
    }
  }
  return newest;
}

CursorFile::CursorFile(FileSystem& fs, std::filesystem::path folder, std::string id)
    : fs_(fs), folder_(std::move(folder)), id_(std::move(id)) {
  if (const auto found = load_cursor(fs_, folder_, id_)) {
    cursor_ = *found;
    loaded_ = found->position;
    written_to_ = 1 - found->file;
    other_whole_ = false;  // only the kernel may have it
  }
}

Result<void> CursorFile::store(const SpoolPosition& position) {
  const std::lock_guard lock(mutex_);
  cursor_.position = position;
  return write();
}

Result<void> CursorFile::open_file(std::size_t which) {
  if (files_[which]) return {};
  auto opened = fs_.open(folder_ / file_name(id_, which), OpenMode::write);
  if (!opened) return opened.error();
  files_[which] = std::move(*opened);
  names_durable_ = false;
  return {};
}

Result<void> CursorFile::write() {
  ++cursor_.generation;
  written_ = false;
  if (!other_whole_) {
    const auto other = 1 - written_to_;
    if (const auto opened = open_file(other); !opened) return opened.error();
    if (const auto synced = files_[other]->sync(); !synced) return synced.error();
    other_whole_ = true;
  }
  if (const auto opened = open_file(written_to_); !opened) return opened.error();
  const auto stored = write_all(*files_[written_to_], make_cursor(cursor_), 0);
  if (!stored) return stored.error();
  written_ = true;
  return {};
}

Result<void> CursorFile::ensure_durable(const SpoolPosition& position) {
  const std::lock_guard lock(mutex_);
  if (durable_ >= position.records && durable_ > 0) return {};
  // What an earlier process stored, or what failed, is written anew: then it is ours to sync.
  if (!written_) {
    const auto stored = write();
    if (!stored) return stored.error();
  }
  auto& file = files_[written_to_];
  const auto synced = file->sync();
  if (!synced) {
    file.reset();  // its page may pass for clean now: never trust this one again
    written_ = false;
    return synced.error();
  }
  if (!names_durable_) {
    const auto named = fs_.sync_folder(folder_);
    if (!named) return named.error();
    names_durable_ = true;
  }
  durable_ = cursor_.position.records;
  written_to_ = 1 - written_to_;
  return {};
}

}  // namespace unity::db::spool
