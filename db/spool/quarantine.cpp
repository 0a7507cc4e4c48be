#include "spool/quarantine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace unity::db::spool {
namespace {

bool has_room(FileSystem& fs, const std::filesystem::path& folder, std::uint64_t more) {
  if (!fs.create_folder(folder)) return false;
  const auto files = fs.list(folder);
  if (!files || files->size() >= kQuarantineFilesMax) return false;
  std::uint64_t bytes = more;
  for (const auto& file : *files) bytes += file.size;
  return bytes <= kQuarantineBytesMax;
}

}  // namespace

bool quarantine(FileSystem& fs, const std::filesystem::path& folder, const SegmentName& segment,
                const File& file, std::uint64_t begin, std::uint64_t end) {
  const auto aside = folder / kQuarantine;
  if (!has_room(fs, aside, end - begin)) return false;
  const auto name = aside / fmt::format("{}.{}", to_file_name(segment), begin);
  const auto copy = fs.open(name, OpenMode::create);
  if (!copy) return copy.error().code == Errc::refused;  // by an earlier start
  std::string bytes;
  for (auto at = begin; at < end; at += bytes.size()) {
    bytes.resize(std::min<std::uint64_t>(end - at, std::uint64_t{1} << 20));
    const auto got = read_fully(file, bytes, at);
    if (!got || *got == 0) break;
    bytes.resize(*got);
    if (!write_all(**copy, bytes, at - begin)) break;
    if (at + *got == end) return true;
  }
  (void)fs.unlink(name).has_value();  // half a copy is of no use
  return false;
}

bool quarantine_file(FileSystem& fs, const std::filesystem::path& folder,
                     const SegmentName& segment) {
  const auto name = to_file_name(segment);
  const auto aside = folder / kQuarantine;
  return has_room(fs, aside, 0) && fs.rename(folder / name, aside / name).has_value();
}

}  // namespace unity::db::spool
