// What the appending thread and the consumers' threads share: which segments there are, how far
// they may be read, and where everybody stands.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "spool/cursor_file.hpp"
#include "spool/file_system.hpp"
#include "spool/format.hpp"

namespace unity::db::spool {

inline constexpr const char* kLossFull = "spool_full";
inline constexpr const char* kLossLagging = "lagging";
inline constexpr const char* kLossDamaged = "damaged";
inline constexpr const char* kLossMissing = "missing";

struct Segment {
  SegmentName name;
  SegmentHeader header;
  std::uint64_t readable = kSegmentDataBegin;  // bytes that are durable and may be read
  std::uint64_t bytes = 0;                     // on disk
  bool sealed = true;
};

// Where one consumer stands. Under the mutex of Shared.
struct Standing {
  struct Loss {
    SpoolPosition begin;
    SpoolPosition end;
  };

  explicit Standing(SpoolConfig::Consumer consumer)
      : id(consumer.id), required(consumer.required) {}

  // Moves `position` to `to`; what lies between will never be read.
  void lose(const SpoolPosition& to, const char* reason);
  void settle(const SpoolPosition& upto);
  // Neither settled nor lost.
  SpoolPosition waiting(const SpoolPosition& end) const;

  const std::string id;
  const bool required;
  SpoolPosition position;  // what was read ends here
  SpoolPosition settled;
  SpoolPosition acked;               // settled, and in the cursor file: segments before it may go
  std::uint64_t jumps = 0;           // how often others moved `position`
  std::deque<Loss> losses;           // not settled yet; neighbours are merged
  std::vector<SpoolLoss> by_reason;  // all since open
};

struct Shared {
  Shared(FileSystem& file_system, const SpoolConfig& its_config)
      : fs(file_system), config(its_config) {}

  std::filesystem::path path(const SegmentName& name) const {
    return config.folder / to_file_name(name);
  }
  // Where segment `i` ends: where the next one begins. Under the mutex.
  SpoolPosition end_of(std::size_t i) const {
    return i + 1 < segments.size() ? segments[i + 1].header.first : end;
  }

  FileSystem& fs;
  const SpoolConfig config;

  // Held while files are deleted; taken before `mutex`, never under it.
  std::mutex deleting;

  mutable std::mutex mutex;  // of all below; no file is touched under it
  std::deque<Segment> segments;
  SpoolPosition end;
  std::uint64_t bytes = 0;
  std::vector<std::unique_ptr<Standing>> standings;
  std::set<std::pair<SegmentName, std::uint64_t>> holes;  // each counted and kept aside once
  std::uint64_t holes_met = 0;

  // As many as there are standings; each locks itself.
  std::vector<std::unique_ptr<CursorFile>> cursors;
};

// Deletes the segments that everybody who counts has passed. An optional consumer that has not
// loses them. Any thread.
Result<void> delete_passed(Shared& shared);

// Deletes the oldest segment, read or not; the consumers that have not read it lose it. False if
// there is none that is sealed. Any thread.
Result<bool> drop_oldest(Shared& shared);

// Copies a hole to quarantine/ and counts it, once.
void keep_hole(Shared& shared, const Segment& segment, const File& file, std::uint64_t begin,
               std::uint64_t end);

}  // namespace unity::db::spool
