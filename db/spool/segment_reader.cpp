#include "spool/segment_reader.hpp"

#include <algorithm>

namespace unity::db::spool {
namespace {

constexpr std::uint64_t kReadAtOnce = std::uint64_t{256} << 10;

}  // namespace

Result<SegmentReader::Found> SegmentReader::next(std::uint64_t limit) {
  const auto offset = end_;
  if (offset >= limit) return Found::end;
  auto good = entry_at(offset, limit);
  if (!good) return good.error();
  if (*good) {
    begin_ = offset;
    end_ = offset + entry_size(header_.size);
    expected_ = header_.end();
    return Found::entry;
  }
  // Entries begin on a grid of 8 bytes; the salt keeps old bytes of the disk from passing.
  for (auto at = offset + 8; at < limit; at += 8) {
    good = entry_at(at, limit);
    if (!good) return good.error();
    if (!*good) continue;
    begin_ = offset;
    end_ = at;
    return Found::hole;
  }
  begin_ = offset;
  end_ = limit;
  return Found::hole;
}

std::string_view SegmentReader::payload() const {
  return std::string_view(window_).substr(begin_ + kEntryHeaderSize - window_begin_, header_.size);
}

Result<bool> SegmentReader::entry_at(std::uint64_t offset, std::uint64_t limit) {
  const auto head = bytes_at(offset, kEntryHeaderSize, limit);
  if (!head) return head.error();
  const auto header = read_entry_header(*head);
  if (!header || entry_size(header->size) > limit - offset ||
      header->first.records < expected_.records || header->first.emitted < expected_.emitted) {
    return false;
  }
  const auto whole = bytes_at(offset, entry_size(header->size), limit);
  if (!whole) return whole.error();
  if (!entry_verifies(*whole, salt_, *header)) return false;
  header_ = *header;
  return true;
}

// Fewer bytes than asked for at the limit or at the end of the file.
Result<std::string_view> SegmentReader::bytes_at(std::uint64_t offset, std::uint64_t size,
                                                 std::uint64_t limit) {
  size = std::min(size, limit - offset);
  if (offset < window_begin_ || offset + size > window_begin_ + window_.size()) {
    // What is still of use stays; offsets only grow.
    const auto keep = offset >= window_begin_ && offset < window_begin_ + window_.size();
    window_.erase(0, keep ? offset - window_begin_ : window_.size());
    window_begin_ = offset;
    const auto had = window_.size();
    window_.resize(std::min(std::max(size, kReadAtOnce), limit - offset));
    const auto got = read_fully(file_, std::span(window_).subspan(had), offset + had);
    window_.resize(had + (got ? *got : 0));
    if (!got) return got.error();
    if (window_.capacity() > 4 * kReadAtOnce && window_.size() <= kReadAtOnce) {
      window_.shrink_to_fit();
    }
  }
  return std::string_view(window_).substr(offset - window_begin_, size);
}

}  // namespace unity::db::spool
