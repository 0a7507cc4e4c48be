// The newest checkpoint of each instance among the entries that opening the spool reads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "spool/codec.hpp"
#include "spool/segment_reader.hpp"
#include "spool/shared.hpp"
#include "unity/db/checkpoint.hpp"

namespace unity::db::spool {

// A checkpoint stands after the records of its entry, and these must be decoded to reach it. So it
// is only noted where one is, and decoded is one entry for each instance: opening stays as quick as
// reading the bytes.
class CheckpointSearch {
 public:
  // An entry of the segment with this index, in order.
  void see(std::size_t segment, const SegmentReader& reader);
  // What the segment has from this offset on does not count.
  void cut(std::size_t segment, std::uint64_t offset);
  // By instance. What cannot be read now is left out.
  std::vector<Checkpoint> take(const Shared& shared);

 private:
  struct Found {
    std::size_t segment;
    std::uint64_t begin;  // of the payload
    std::uint32_t size;
    std::uint64_t place;
    std::string instance;
  };

  bool read(const Shared& shared, const Found& found, std::string& checkpoint);

  std::vector<Found> found_;
  EntryDecoder decoder_;
};

}  // namespace unity::db::spool
