// What a segment, an entry and a cursor look like on disk. Little-endian; docs/spool.md has tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "unity/core/base/time.hpp"
#include "unity/db/spool.hpp"

namespace unity::db::spool {

inline constexpr std::uint16_t kVersion = 1;
inline constexpr std::size_t kSegmentHeaderSize = 48;
inline constexpr std::size_t kSegmentHeaderCopy = 64;  // where the second copy begins
inline constexpr std::size_t kSegmentDataBegin = 128;
inline constexpr std::size_t kEntryHeaderSize = 40;
inline constexpr std::size_t kCursorSize = 64;

// The fixed part of a payload's head: run, first and last time, records, emitted.
inline constexpr std::size_t kHeadFixed = 32;

enum RecordFlags : std::uint8_t {
  kHostMade = 1,
  kHasSummary = 2,
  kSameOrigin = 4,
  kIsRow = 8,
  kHasSequence = 16
};
enum class ValueType : std::uint8_t { absent, no, yes, integer, positive, real, text };

struct SegmentHeader {
  std::uint16_t version = kVersion;
  std::uint64_t salt = 0;  // in every checksum, so that bytes of other files never verify
  SpoolPosition first;
  Time created{};
};
// kSegmentDataBegin bytes: both copies.
std::string make_segment_header(const SegmentHeader& header);
// From the first bytes of a file, as many as there are; from whichever copy verifies.
std::optional<SegmentHeader> read_segment_header(std::string_view bytes);

struct EntryHeader {
  std::uint32_t size = 0;  // of the payload
  SpoolPosition first;     // before this entry
  std::uint32_t records = 0;
  std::uint32_t emitted = 0;
  std::uint8_t codec = 0;
  // Bytes from the begin of the group that was synced at once to this entry: all before the group
  // was durable when this was written.
  std::uint32_t group_offset = 0;

  SpoolPosition end() const { return {first.records + records, first.emitted + emitted}; }
};
// Bytes on disk of an entry with such a payload.
constexpr std::uint64_t entry_size(std::uint64_t payload) {
  return (kEntryHeaderSize + payload + 7) / 8 * 8;
}
// Appends header, payload and padding.
void append_entry(std::string& out, std::uint64_t salt, const EntryHeader& header,
                  std::string_view payload);
// Of the entry that `bytes` begins with; its size is within bounds, and nothing else is checked:
// more bytes may be needed for that. Empty if these bytes begin no entry.
std::optional<EntryHeader> read_entry_header(std::string_view bytes);
// Whether the whole entry, header and payload and padding, is what was written.
bool entry_verifies(std::string_view bytes, std::uint64_t salt, const EntryHeader& header);

struct Cursor {
  std::uint64_t generation = 0;  // the higher of the two files counts
  SpoolPosition position;
};
std::string make_cursor(const Cursor& cursor);
std::optional<Cursor> read_cursor(std::string_view bytes);

// "0000000000000010.seg"; a later file for the same number has "-1", "-2" before the dot.
struct SegmentName {
  std::uint64_t first = 0;
  std::uint32_t attempt = 0;

  friend auto operator<=>(const SegmentName&, const SegmentName&) = default;
};
std::string to_file_name(const SegmentName& name);
std::optional<SegmentName> parse_segment_name(std::string_view file);

}  // namespace unity::db::spool
