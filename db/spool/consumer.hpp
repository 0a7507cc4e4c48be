// One reader of the spool, with a cursor of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "spool/codec.hpp"
#include "spool/segment_reader.hpp"
#include "spool/shared.hpp"

namespace unity::db::spool {

class Consumer final : public SpoolConsumer {
 public:
  Consumer(Shared& shared, std::size_t index)
      : shared_(shared), standing_(*shared.standings[index]), cursor_(*shared.cursors[index]) {}

  Result<bool> read(std::size_t records_max, SpoolBatch& batch) override;
  void rewind() override;
  Result<void> settle(const SpoolPosition& upto) override;
  Result<void> ack(const SpoolPosition& upto) override;
  SpoolPosition settled() const override;

 private:
  // What may be read at this moment, taken under the lock.
  struct View {
    Segment segment;
    bool last = false;  // no segment follows
    SpoolPosition end;  // where the segment ends
    std::uint64_t jumps = 0;
  };

  std::optional<View> look();  // empty: nothing more to read
  Result<void> read_segments(std::size_t records_max, SpoolBatch& batch, std::size_t& used);
  Result<bool> read_view(const View& view, std::size_t records_max, SpoolBatch& batch,
                         std::size_t& used);
  Result<void> open_segment(const View& view);
  bool take_records(std::size_t records_max, SpoolBatch& batch, std::size_t& used);
  void lose(const SpoolPosition& to);
  void leave_segment();

  Shared& shared_;
  Standing& standing_;
  CursorFile& cursor_;

  // What this thread has read; goes to standing_ when a batch is complete.
  SpoolPosition position_;
  std::uint64_t jumps_ = 0;
  bool fresh_ = true;  // position_ is to be taken from standing_

  std::unique_ptr<File> file_;
  SegmentName name_;
  std::optional<SegmentReader> reader_;
  EntryDecoder decoder_;
  std::uint32_t left_ = 0;      // records of the current entry still to be delivered
  std::optional<Record> held_;  // the first of them, if it is decoded already
  SpoolPosition entry_end_;     // of the current entry
  std::size_t failures_ = 0;    // of reading this segment, in a row
};

}  // namespace unity::db::spool
