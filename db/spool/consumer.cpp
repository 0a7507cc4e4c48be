#include "spool/consumer.hpp"

#include <fmt/format.h>

#include <utility>

namespace unity::db::spool {
namespace {

// A disk that does not give a segment back after so many tries costs the rest of that segment.
constexpr std::size_t kReadAttempts = 5;
// Times as many records as wanted, if they are of one frame.
constexpr std::size_t kOverrunMax = 2;

bool is_of_frame(const Record& record, const Record& before) {
  return record.origin == before.origin && record.time == before.time &&
         record.tags == before.tags && !record.is_row && !before.is_row;
}

}  // namespace

Result<bool> Consumer::read(std::size_t records_max, SpoolBatch& batch) {
  while (true) {
    std::size_t used = 0;
    const auto read = read_segments(records_max, batch, used);

    const std::lock_guard lock(shared_.mutex);
    if (standing_.jumps != jumps_) {  // dropped meanwhile, and counted as lost: not to be delivered
      fresh_ = true;
      continue;
    }
    if (!fresh_) standing_.position = position_;
    batch.records.resize(used);
    batch.end = standing_.position;
    if (used == 0) batch.first = batch.end.records;
    if (used == 0 && !read) return read.error();
    return used > 0;
  }
}

// One segment after the other, because the lock is not held while reading.
Result<void> Consumer::read_segments(std::size_t records_max, SpoolBatch& batch,
                                     std::size_t& used) {
  while (used < records_max) {
    const auto view = look();
    if (!view) return {};
    const auto more = read_view(*view, records_max, batch, used);
    if (!more) return more.error();
    if (!*more) return {};
  }
  return {};
}

std::optional<Consumer::View> Consumer::look() {
  const std::lock_guard lock(shared_.mutex);
  if (fresh_ || standing_.jumps != jumps_) {
    if (!fresh_) return std::nullopt;  // read() finds out and begins anew
    position_ = standing_.position;
    jumps_ = standing_.jumps;
    fresh_ = false;
    left_ = 0;
    leave_segment();
  }
  const auto& segments = shared_.segments;
  if (position_.records >= shared_.end.records) return std::nullopt;
  if (segments.empty()) {  // what the numbers promise is not there
    standing_.position = position_;
    standing_.lose(shared_.end, kLossDamaged);
    position_ = standing_.position;
    return std::nullopt;
  }
  // The last one that begins at or before the position; the first, if there is none such.
  std::size_t i = segments.size() - 1;
  while (i > 0 && segments[i].header.first.records > position_.records) --i;
  return View{segments[i], i + 1 == segments.size(), shared_.end_of(i), jumps_};
}

// Reads in one segment. False: the batch is complete as it is.
Result<bool> Consumer::read_view(const View& view, std::size_t records_max, SpoolBatch& batch,
                                 std::size_t& used) {
  const auto opened = open_segment(view);
  if (!opened) {
    if (opened.error().code != Errc::not_found && ++failures_ < kReadAttempts) {
      return opened.error();
    }
    if (used > 0) return false;
    lose(view.end);
    leave_segment();
    return true;
  }
  while (used < records_max) {
    if (left_ > 0) {
      if (!take_records(records_max, batch, used)) return false;
      continue;
    }
    auto found = reader_->next(view.segment.readable);
    if (!found) {
      if (++failures_ < kReadAttempts) return found.error();
      found = SegmentReader::Found::end;
    } else {
      failures_ = 0;
    }
    if (*found == SegmentReader::Found::hole) {
      keep_hole(shared_, view.segment, *file_, reader_->begin(), reader_->end());
      continue;
    }
    const bool ended = *found == SegmentReader::Found::end ||
                       (!view.last && reader_->header().first.records >= view.end.records);
    const auto next = ended ? view.end : reader_->header().first;
    if (next.records > position_.records) {
      // A batch has no gap: this one ends before it. The reader begins the segment anew.
      if (used > 0) {
        leave_segment();
        return false;
      }
      lose(next);
    }
    if (ended) {
      if (view.last) return false;  // it may go on here
      leave_segment();
      return true;
    }
    const auto& header = reader_->header();
    if (header.end().records <= position_.records) continue;
    EntryHead head;
    if (header.codec != kCodec || !decoder_.begin(reader_->payload(), head) ||
        head.records != header.records) {
      if (used > 0) {
        leave_segment();
        return false;
      }
      lose(header.end());  // verified, but not ours to read
      continue;
    }
    entry_end_ = header.end();
    left_ = header.records;
    // The cursor may stand inside an entry.
    Record skipped;
    for (auto at = header.first.records; at < position_.records; ++at, --left_) {
      if (!decoder_.next(skipped)) break;
    }
  }
  return true;
}

Result<void> Consumer::open_segment(const View& view) {
  if (file_ && name_ == view.segment.name) return {};
  leave_segment();
  if (name_ != view.segment.name) failures_ = 0;
  name_ = view.segment.name;
  auto opened = shared_.fs.open(shared_.path(name_), OpenMode::read);
  if (!opened) return opened.error();
  file_ = std::move(*opened);
  reader_.emplace(*file_, view.segment.header);
  return {};
}

// Records of the current entry, as many as fit, and what is left of the frame that would be cut:
// a storage would have to look its first part up again. False: the batch is complete.
bool Consumer::take_records(std::size_t records_max, SpoolBatch& batch, std::size_t& used) {
  if (used == 0) batch.first = position_.records;
  while (left_ > 0 && used < kOverrunMax * records_max) {
    if (batch.records.size() == used) batch.records.emplace_back();
    auto& record = batch.records[used];
    if (held_) {
      record = *std::exchange(held_, std::nullopt);
    } else if (!decoder_.next(record)) {  // verified, but not what a codec of ours writes
      left_ = 0;
      if (used == 0) {
        lose(entry_end_);
        return true;
      }
      leave_segment();
      return false;
    }
    if (used >= records_max && !is_of_frame(record, batch.records[used - 1])) {
      held_ = std::move(record);
      return true;
    }
    if (record.sequence == 0) record.sequence = position_.records;
    ++used;
    --left_;
    ++position_.records;
    if (!record.host_made) ++position_.emitted;
  }
  return true;
}

void Consumer::lose(const SpoolPosition& to) {
  const std::lock_guard lock(shared_.mutex);
  if (standing_.jumps != jumps_) return;
  standing_.position = position_;
  standing_.lose(to, kLossDamaged);
  position_ = standing_.position;
}

void Consumer::leave_segment() {
  left_ = 0;
  held_.reset();
  reader_.reset();
  file_.reset();
}

void Consumer::rewind() {
  const std::lock_guard lock(shared_.mutex);
  // Not into what is lost already.
  auto back = standing_.settled;
  for (const auto& loss : standing_.losses) {
    if (loss.begin.records <= back.records) back = loss.end;
  }
  standing_.position = back;
  fresh_ = true;
  // What was read, but dropped before it was settled, cannot come again.
  if (shared_.segments.empty()) return;
  const bool dropped = shared_.config.when_full == FullPolicy::drop_oldest;
  standing_.lose(shared_.segments.front().header.first, dropped ? kLossFull : kLossLagging);
}

Result<void> Consumer::settle(const SpoolPosition& upto) {
  const std::lock_guard lock(shared_.mutex);
  if (upto.records > standing_.position.records) {
    return Error{Errc::invalid,
                 fmt::format("cannot acknowledge {} records for {}: only {} were read",
                             upto.records, standing_.id, standing_.position.records)};
  }
  if (upto.records > standing_.settled.records) standing_.settle(upto);
  return {};
}

Result<void> Consumer::ack(const SpoolPosition& upto) {
  if (const auto done = settle(upto); !done) return done.error();
  SpoolPosition settled;
  {
    const std::lock_guard lock(shared_.mutex);
    if (standing_.acked == standing_.settled) return {};
    settled = standing_.settled;
  }
  if (const auto stored = cursor_.store(settled); !stored) return stored.error();
  {
    const std::lock_guard lock(shared_.mutex);
    standing_.acked = settled;
  }
  return delete_passed(shared_);
}

SpoolPosition Consumer::settled() const {
  const std::lock_guard lock(shared_.mutex);
  return standing_.settled;
}

}  // namespace unity::db::spool
