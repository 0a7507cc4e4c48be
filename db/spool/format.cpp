#include "spool/format.hpp"

#include <fmt/format.h>

#include <charconv>

#include "spool/bytes.hpp"
#include "unity/core/base/crc32c.hpp"

namespace unity::db::spool {
namespace {

constexpr std::uint32_t kSegmentMagic = 0x50534e55;  // "UNSP"
constexpr std::uint32_t kCursorMagic = 0x43534e55;   // "UNSC"
constexpr std::uint8_t kTypeEntry = 1;

std::optional<SegmentHeader> read_copy(std::string_view bytes) {
  const char* at = bytes.data();
  if (get<std::uint32_t>(at) != kSegmentMagic ||
      get<std::uint32_t>(at + 40) != crc32c(bytes.substr(0, 40))) {
    return std::nullopt;
  }
  SegmentHeader header;
  header.version = get<std::uint16_t>(at + 4);
  header.salt = get<std::uint64_t>(at + 8);
  header.first = {get<std::uint64_t>(at + 16), get<std::uint64_t>(at + 24)};
  header.created = Time(std::chrono::microseconds(get<std::int64_t>(at + 32)));
  return header;
}

// Of everything but the checksum itself, which comes first.
std::uint32_t entry_checksum(std::string_view entry, std::uint64_t salt) {
  char bytes[8];
  put(bytes, salt);
  return crc32c(entry.substr(4), crc32c({bytes, sizeof bytes}));
}

}  // namespace

std::string make_segment_header(const SegmentHeader& header) {
  std::string bytes(kSegmentDataBegin, '\0');
  char* at = bytes.data();
  put(at, kSegmentMagic);
  put(at + 4, header.version);
  put(at + 8, header.salt);
  put(at + 16, header.first.records);
  put(at + 24, header.first.emitted);
  put(at + 32, std::int64_t{header.created.time_since_epoch().count()});
  put(at + 40, crc32c(std::string_view(bytes).substr(0, 40)));
  bytes.replace(kSegmentHeaderCopy, kSegmentHeaderSize, bytes, 0, kSegmentHeaderSize);
  return bytes;
}

std::optional<SegmentHeader> read_segment_header(std::string_view bytes) {
  for (const auto copy : {std::size_t{0}, kSegmentHeaderCopy}) {
    if (bytes.size() < copy + kSegmentHeaderSize) return std::nullopt;
    if (auto header = read_copy(bytes.substr(copy, kSegmentHeaderSize))) return header;
  }
  return std::nullopt;
}

void append_entry(std::string& out, std::uint64_t salt, const EntryHeader& header,
                  std::string_view payload) {
  const auto begin = out.size();
  char bytes[kEntryHeaderSize] = {};
  put(bytes + 4, header.size);
  put(bytes + 8, header.first.records);
  put(bytes + 16, header.first.emitted);
  put(bytes + 24, header.records);
  put(bytes + 28, header.emitted);
  bytes[32] = static_cast<char>(kTypeEntry);
  bytes[33] = static_cast<char>(header.codec);
  put(bytes + 36, header.group_offset);
  out.append(bytes, sizeof bytes);
  out += payload;
  out.resize(begin + entry_size(header.size), '\0');
  put(out.data() + begin, entry_checksum(std::string_view(out).substr(begin), salt));
}

std::optional<EntryHeader> read_entry_header(std::string_view bytes) {
  if (bytes.size() < kEntryHeaderSize) return std::nullopt;
  const char* at = bytes.data();
  EntryHeader header;
  header.size = get<std::uint32_t>(at + 4);
  header.first = {get<std::uint64_t>(at + 8), get<std::uint64_t>(at + 16)};
  header.records = get<std::uint32_t>(at + 24);
  header.emitted = get<std::uint32_t>(at + 28);
  header.codec = static_cast<std::uint8_t>(at[33]);
  header.group_offset = get<std::uint32_t>(at + 36);
  if (header.size == 0 || header.size > kSpoolEntrySizeMax || at[32] != kTypeEntry ||
      header.emitted > header.records || get<std::uint16_t>(at + 34) != 0) {
    return std::nullopt;
  }
  return header;
}

bool entry_verifies(std::string_view bytes, std::uint64_t salt, const EntryHeader& header) {
  const auto size = entry_size(header.size);
  return bytes.size() >= size &&
         get<std::uint32_t>(bytes.data()) == entry_checksum(bytes.substr(0, size), salt);
}

std::string make_cursor(const Cursor& cursor) {
  std::string bytes(kCursorSize, '\0');
  char* at = bytes.data();
  put(at, kCursorMagic);
  put(at + 8, cursor.generation);
  put(at + 16, cursor.position.records);
  put(at + 24, cursor.position.emitted);
  put(at + 60, crc32c(std::string_view(bytes).substr(0, 60)));
  return bytes;
}

std::optional<Cursor> read_cursor(std::string_view bytes) {
  if (bytes.size() != kCursorSize || get<std::uint32_t>(bytes.data()) != kCursorMagic ||
      get<std::uint32_t>(bytes.data() + 60) != crc32c(bytes.substr(0, 60))) {
    return std::nullopt;
  }
  const char* at = bytes.data();
  return Cursor{get<std::uint64_t>(at + 8),
                {get<std::uint64_t>(at + 16), get<std::uint64_t>(at + 24)}};
}

std::string to_file_name(const SegmentName& name) {
  return name.attempt == 0 ? fmt::format("{:016x}.seg", name.first)
                           : fmt::format("{:016x}-{}.seg", name.first, name.attempt);
}

std::optional<SegmentName> parse_segment_name(std::string_view file) {
  SegmentName name;
  const char* end = file.data() + file.size();
  const auto first = std::from_chars(file.data(), end, name.first, 16);
  if (first.ec != std::errc()) return std::nullopt;
  const char* at = first.ptr;
  if (at != end && *at == '-') at = std::from_chars(at + 1, end, name.attempt).ptr;
  // Only what we would have written ourselves is ours.
  if (to_file_name(name) != file) return std::nullopt;
  return name;
}

}  // namespace unity::db::spool
