// Reads the entries of one segment in order, and finds the next good one after damage.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "spool/file_system.hpp"
#include "spool/format.hpp"

namespace unity::db::spool {

class SegmentReader {
 public:
  enum class Found : std::uint8_t {
    entry,
    hole,  // bytes that are no entry, up to the next entry or the limit
    end,   // the limit
  };

  // `file` must outlive this.
  SegmentReader(const File& file, const SegmentHeader& header)
      : file_(file), salt_(header.salt), expected_(header.first) {}

  // What comes next below `limit`, a place where an entry ends or may end. An error changes
  // nothing: the same may be asked again.
  Result<Found> next(std::uint64_t limit);

  // After `entry`. The payload is valid until the next call of next().
  const EntryHeader& header() const { return header_; }
  std::string_view payload() const;

  // Where what was found begins and ends.
  std::uint64_t begin() const { return begin_; }
  std::uint64_t end() const { return end_; }
  // The number after the last good entry.
  const SpoolPosition& expected() const { return expected_; }

 private:
  Result<bool> entry_at(std::uint64_t offset, std::uint64_t limit);
  Result<std::string_view> bytes_at(std::uint64_t offset, std::uint64_t size, std::uint64_t limit);

  const File& file_;
  std::uint64_t salt_;
  SpoolPosition expected_;
  EntryHeader header_;
  std::uint64_t begin_ = kSegmentDataBegin;
  std::uint64_t end_ = kSegmentDataBegin;
  std::string window_;  // the file's bytes from window_begin_ on
  std::uint64_t window_begin_ = 0;
};

}  // namespace unity::db::spool
