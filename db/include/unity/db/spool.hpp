// The durable spool: what accepted runs led to waits here, on disk, until every storage has it.
// One thread appends, one thread per consumer reads. docs/spool.md describes the files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/core/model/record.hpp"
#include "unity/db/checkpoint.hpp"

namespace unity::db {

// What one accepted run led to.
struct SpoolEntry {
  std::uint64_t run = 0;
  std::string instance;
  std::string checkpoint;       // any bytes; empty: it says nothing
  std::vector<Record> records;  // emitted ones and those the host made
};

// The largest entry on disk; what a larger run led to becomes several entries.
inline constexpr std::size_t kSpoolEntrySizeMax = std::size_t{4} << 20;

struct EncodedEntry {
  std::string payload;
  std::uint64_t run = 0;
  std::string instance;
  std::uint32_t records = 0;
  std::uint32_t emitted = 0;  // of these, not host-made
  Time first_time{};          // earliest and latest record; zero if there is none
  Time last_time{};
};

// Any thread. `time_text` is not kept: it is empty once a record has its time. Errc::invalid if one
// record alone is larger than kSpoolEntrySizeMax. The checkpoint goes with the last part.
Result<std::vector<EncodedEntry>> encode_entry(const SpoolEntry& entry);

enum class SyncMode : std::uint8_t {
  group,  // one fdatasync for each call of append
  each,   // one for each entry
  os,     // none: a power cut costs what the kernel had not written yet
};
std::string_view to_text(SyncMode mode);

enum class FullPolicy : std::uint8_t {
  block,        // append says Errc::unavailable until there is room
  drop_oldest,  // the oldest segment goes, read or not
  reject,       // the new entries are dropped
};
std::string_view to_text(FullPolicy policy);

struct SpoolConfig {
  // A reader with a cursor of its own: a storage. One without a cursor begins at the oldest record
  // there is. Segments go when all required consumers are past them (all, if none is required).
  struct Consumer {
    std::string id;  // names a file: letters, digits, '-', '_'
    bool required = true;
  };

  std::filesystem::path folder;  // created if missing
  std::uint64_t max_bytes = std::uint64_t{4} << 30;
  std::uint64_t segment_bytes = std::uint64_t{16} << 20;  // at most a quarter of max_bytes is used
  std::uint64_t min_free_bytes = std::uint64_t{256} << 20;
  SyncMode mode = SyncMode::group;
  FullPolicy when_full = FullPolicy::drop_oldest;
  std::vector<Consumer> consumers;
  // The highest place of a checkpoint that is stored elsewhere: opening looks for newer ones in a
  // few segments before the last, too, where a group of entries was begun that ended in the last.
  std::optional<std::uint64_t> checkpoints_since;
};

// Counts of all records before this place: sequence numbers count records, from 0, for as long as
// the folder lives.
struct SpoolPosition {
  std::uint64_t records = 0;
  std::uint64_t emitted = 0;

  friend bool operator==(const SpoolPosition&, const SpoolPosition&) = default;
};

// Records that a consumer will never get.
struct SpoolLoss {
  std::uint64_t records = 0;
  std::uint64_t emitted = 0;
  // "spool_full" (the policy drop_oldest), "lagging" (an optional consumer that required ones have
  // left behind), "damaged" (bytes that do not verify), "missing" (gone before the spool was
  // opened).
  std::string reason;
};

struct SpoolBatch {
  std::uint64_t first = 0;  // sequence number of the first record; the rest follow without a gap
  std::vector<Record> records;
  SpoolPosition end;  // settle this; set, and worth it, even if there are no records
};

// read() and rewind() belong to one thread, settle() and ack() to one, which may be another.
class SpoolConsumer {
 public:
  virtual ~SpoolConsumer() = default;

  // Fills `batch` with what follows what was read last, `records_max` records or less, and at most
  // as many again if those belong to the last one's frame: same origin, time and tags. False when
  // caught up. Only what is as durable as the mode promises is ever read. Keep one SpoolBatch and
  // pass it again: its memory is used again. An error is the disk's; try again later.
  virtual Result<bool> read(std::size_t records_max, SpoolBatch& batch) = 0;

  // Begins again after what was settled; what was read since comes once more.
  virtual void rewind() = 0;

  // Everything before `upto`, which was read, is settled: state() says so from now on. Touches no
  // file, so it may be called under a lock; an ack() must follow. Errc::invalid: it was not read.
  virtual Result<void> settle(const SpoolPosition& upto) = 0;

  // Settles, and stores that. Survives kill -9 at once, and a power cut before any segment goes;
  // no segment goes before. After an error it is tried again by the next call.
  virtual Result<void> ack(const SpoolPosition& upto) = 0;

  virtual SpoolPosition settled() const = 0;  // any thread
};

// What opening found.
struct SpoolRecovery {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;
  SpoolPosition begin;           // oldest record present
  SpoolPosition end;             // the number that comes next
  std::uint64_t torn_bytes = 0;  // cut from the end: a write that a crash interrupted
  std::uint64_t holes = 0;       // in the last segment; older ones are found while reading
  std::uint64_t relogged = 0;    // entries that the log of accepted runs did not have
  // The newest of each instance in the segments that were read, which always has those of the
  // newest entries.
  std::vector<Checkpoint> checkpoints;
  std::vector<std::string> notes;  // for the log, one sentence each; empty after a clean stop
};

struct SpoolState {
  struct Consumer {
    std::string id;
    bool required = true;
    SpoolPosition settled;
    SpoolPosition waiting;          // neither settled nor lost: in flight
    std::vector<SpoolLoss> losses;  // since open, one for each reason
  };

  std::uint64_t bytes = 0;
  std::uint64_t max_bytes = 0;
  std::uint64_t segments = 0;
  SpoolPosition end;
  std::vector<Consumer> consumers;
  SyncMode mode = SyncMode::group;
  FullPolicy when_full = FullPolicy::drop_oldest;
  bool full = false;                 // at this moment, by bytes or by the disk
  std::uint64_t rejected = 0;        // records that the policy `reject` dropped since open
  std::uint64_t write_errors = 0;    // since open; each costs a segment, none a durable record
  std::uint64_t holes = 0;           // damaged places met since open
  std::uint64_t log_lines_lost = 0;  // of accepted.log
  std::string problem;               // what is wrong right now, for people; empty: nothing
};

class Spool {
 public:
  virtual ~Spool() = default;

  struct Appended {
    std::size_t accepted = 0;  // entries at the front that are as durable as the mode says
    std::size_t rejected = 0;  // entries after these that the policy `reject` dropped
    std::string problem;       // why the entries after both were not taken; try them again
  };
  // One thread. Writes entries and syncs once (mode group). What is accepted can be read when this
  // returns, and never before it is durable and in accepted.log. Errc::unavailable: nothing was
  // taken, because the spool is full (policy block) or the disk does not take it; try again.
  virtual Result<Appended> append(std::span<const EncodedEntry> entries) = 0;

  // By the id in the configuration; lives as long as the spool.
  virtual SpoolConsumer& consumer(std::string_view id) = 0;

  virtual const SpoolRecovery& recovery() const = 0;
  virtual SpoolPosition end() const = 0;  // any thread
  virtual SpoolState state() const = 0;   // any thread
};

// Errc::refused if another process has the folder, or a newer version wrote it. Damage never stops
// this: it is counted.
Result<std::unique_ptr<Spool>> open_spool(SpoolConfig config);

}  // namespace unity::db
