// Damaged bytes are kept aside for a look, as many as fit a bound.
#pragma once

#include <cstdint>
#include <filesystem>

#include "spool/file_system.hpp"
#include "spool/format.hpp"

namespace unity::db::spool {

inline constexpr const char* kQuarantine = "quarantine";
inline constexpr std::uint64_t kQuarantineBytesMax = std::uint64_t{64} << 20;
inline constexpr std::size_t kQuarantineFilesMax = 256;

// Copies bytes of a file to quarantine/<segment>.<offset>. Best effort: it must never be in the way
// of what is whole. False if the bytes are not there afterwards.
bool quarantine(FileSystem& fs, const std::filesystem::path& folder, const SegmentName& segment,
                const File& file, std::uint64_t begin, std::uint64_t end);

// Moves a whole segment there.
bool quarantine_file(FileSystem& fs, const std::filesystem::path& folder,
                     const SegmentName& segment);

}  // namespace unity::db::spool
